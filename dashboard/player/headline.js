/** The strip on top: local time, the counter of savings, traded energy, what the signs mean. */

import { html, reveal, say, svg } from "./dom.js";
import { armName, dollars, fixed, longDate, percent, timeParts } from "./format.js";
import { stateIcon } from "./icons.js";

const COUNT_MS = 700; // time in which the counter runs to a new value
const LINES = [
  ["p2p", "between homes"],
  ["buy", "bought from the grid"],
  ["sell", "sold to the grid"],
];
const STATES = [
  [1, "doing well"],
  [0, "normal"],
  [-1, "struggling"],
];

function lineSample(kind) {
  const line = (name) => svg("line", { x1: 3, x2: 41, y1: 6, y2: 6, class: name });
  const parts = [line("cw-arrow-base"), line("cw-arrow-dashes")];
  const drawing = { viewBox: "0 0 44 12", class: `cw-sample cw-${kind}`, "aria-hidden": "true" };
  return svg("svg", drawing, ...parts);
}

function legend() {
  const entry = (sign, text) => html("li", {}, sign, text);
  return html(
    "div",
    { class: "cw-legend-box" },
    html("ul", { "aria-label": "Arrows" }, ...LINES.map(([kind, text]) => entry(lineSample(kind), text))),
    html("ul", { "aria-label": "Homes" }, ...STATES.map(([state, text]) => entry(stateIcon(state), text))),
  );
}

/** The headline and its counter. */
export class Headline {
  /** @param {Function} onOpen called with the name of the run that was picked */
  constructor(onOpen) {
    const text = (name, tag = "p") => html(tag, { class: name });
    this.title = text("cw-title", "h2");
    this.clock = text("cw-clock");
    this.date = text("cw-date");
    this.savedLabel = text("cw-label");
    this.saved = text("cw-saved", "span");
    this.share = text("cw-share", "span");
    this.spent = text("cw-note");
    this.traded = text("cw-figure");
    this.tradedNote = text("cw-note");
    this.#buildPicker(onOpen);
    this.value = null;
    this.element = html(
      "header",
      { class: "cw-headline" },
      html("div", { class: "cw-when" }, this.clock, html("div", {}, this.date, this.title, this.picker)),
      html("div", { class: "cw-savings" }, this.savedLabel, this.#counter(), this.spent),
      html("div", { class: "cw-traded" }, html("p", { class: "cw-label", text: "Traded so far" }), this.traded, this.tradedNote),
      legend(),
    );
  }

  #counter() {
    return html("p", { class: "cw-counter" }, this.saved, " ", this.share);
  }

  #buildPicker(onOpen) {
    this.runs = html("select", { "aria-label": "Run", on: { change: () => onOpen(this.runs.value) } });
    this.picker = html("label", { class: "cw-picker", hidden: true }, "Run ", this.runs);
  }

  /** Fill the picker. @param {{name: string, title: string}[]} runs */
  setRuns(runs, current) {
    const options = runs.map(({ name, title }) => html("option", { value: name, text: title ?? name }));
    this.runs.replaceChildren(...options);
    this.runs.value = current ?? "";
    reveal(this.picker, runs.length > 0);
    this.element.classList.toggle("cw-with-picker", runs.length > 0);
  }

  /** @param {Run} run */
  load(run) {
    this.run = run;
    this.value = null;
    say(this.title, run.pack.title ?? "");
    const against = run.reference === null ? "" : ` against ${armName(run.reference)}`;
    say(this.savedLabel, `Saved so far${against}`);
    for (const node of [this.clock, this.date, this.spent, this.share]) say(node, "");
    say(this.saved, dollars(null));
    say(this.traded, "");
    say(this.tradedNote, "waiting for the first step");
  }

  /** Show a step; the counter runs there if `smooth`, else it stands there at once. */
  show(t, smooth) {
    const { run } = this;
    const local = run.pack.local[t];
    say(this.clock, timeParts(local).clock);
    say(this.date, longDate(local));
    const saved = run.savedAt(t);
    say(this.share, saved.fraction === null ? "" : percent(saved.fraction, 1));
    say(this.spent, this.#spentText(saved));
    const { sums, soFar } = run.derived[run.pack.optimized];
    say(this.traded, `${fixed(soFar.p2p_in_kwh[t], 1)} kWh`);
    say(this.tradedNote, `${fixed(sums.p2p_in_kwh[t], 2)} kWh in this step`);
    this.#count(saved.usd, smooth);
  }

  #spentText({ spent, reference }) {
    if (reference === null) return spent === null ? "" : `cost ${dollars(spent)}`;
    return `cost ${dollars(spent)} instead of ${dollars(reference)}`;
  }

  #count(usd, smooth) {
    const runs = smooth && usd !== null && this.value !== null && usd !== this.value;
    this.from = runs ? (this.drawn ?? this.value) : usd;
    this.value = usd;
    this.started = runs ? null : -Infinity;
    if (!runs) this.#write(usd);
  }

  #write(usd) {
    this.drawn = usd;
    say(this.saved, dollars(usd));
  }

  /** Let the counter run. @param {number} now [ms] @returns {boolean} is it still running */
  tick(now) {
    if (this.value === null || this.drawn === this.value) return false;
    this.started ??= now;
    const share = Math.min(1, (now - this.started) / COUNT_MS);
    const eased = 1 - (1 - share) ** 2;
    this.#write(share === 1 ? this.value : this.from + (this.value - this.from) * eased);
    return share < 1;
  }
}
