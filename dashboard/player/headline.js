/** The strip on top: local time, the counter of savings, traded energy, what the signs mean. */

import { html, put, reveal, say, svg } from "./dom.js";
import { armName, dollars, fixed, longDate, percent, timeParts } from "./format.js";
import { stateIcon } from "./icons.js";

export const COUNT_MS = 700; // time in which the counter runs to a new value
const CENT = 0.005; // what is less is written as nothing
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

/** What stands around a home: its light, its score, its battery. */
function homeSigns() {
  const light = (x, letter, name) => [
    svg("circle", { cx: x, cy: 9, r: 8, class: `cw-light-${name}` }),
    svg("text", { x, y: 13, class: "cw-letter", "font-size": 11, "text-anchor": "middle", text: letter }),
  ];
  const drawing = { class: "cw-sign", "aria-hidden": "true" };
  const ring = { cx: 9, cy: 9, r: 6.5, pathLength: 100 };
  return [
    [svg("svg", { viewBox: "0 0 36 18", ...drawing }, ...light(9, "G", "green"), ...light(27, "R", "red")), "signal"],
    [html("span", { class: "cw-sign cw-sign-score", "aria-hidden": "true", text: "57" }), "score"],
    [
      svg(
        "svg",
        { viewBox: "0 0 18 18", ...drawing },
        svg("circle", { ...ring, class: "cw-ring" }),
        svg("circle", { ...ring, class: "cw-fill", "stroke-dasharray": "62 100", transform: "rotate(-90 9 9)" }),
      ),
      "battery",
    ],
  ];
}

function legend() {
  const entry = (sign, text) => html("li", {}, sign, text);
  return html(
    "div",
    { class: "cw-legend-box" },
    html("ul", { "aria-label": "Arrows" }, ...LINES.map(([kind, text]) => entry(lineSample(kind), text))),
    html("ul", { "aria-label": "Homes" }, ...STATES.map(([state, text]) => entry(stateIcon(state), text))),
    html("ul", { "aria-label": "Signs of a home" }, ...homeSigns().map(([sign, text]) => entry(sign, text))),
  );
}

/** The headline and its counter. */
export class Headline {
  /** @param {Function} onOpen called with the name of the run that was picked */
  constructor(onOpen) {
    const text = (name, tag = "p") => html(tag, { class: name });
    this.title = text("cw-title", "h2");
    this.time = text("cw-time", "span");
    this.second = text("cw-second", "span");
    this.clock = html("p", { class: "cw-clock" }, this.time, this.second);
    this.part = text("cw-part");
    reveal(this.part, false);
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
      html("div", { class: "cw-when" }, this.clock, html("div", {}, this.date, this.title, this.picker, this.part)),
      html("div", { class: "cw-savings" }, this.savedLabel, this.#counter(), this.spent),
      html("div", { class: "cw-traded" }, html("p", { class: "cw-label", text: "Traded so far" }), this.traded, this.tradedNote),
      legend(),
    );
  }

  #counter() {
    this.counter = html("p", { class: "cw-counter" }, this.saved, " ", this.share);
    return this.counter;
  }

  #buildPicker(onOpen) {
    const change = () => {
      this.asked = this.runs.value;
      this.runs.value = this.current; // until the run that was asked for is shown
      onOpen(this.asked);
    };
    this.current = "";
    this.runs = html("select", { "aria-label": "Run", on: { change } });
    this.picker = html("label", { class: "cw-picker", hidden: true }, "Run ", this.runs);
  }

  /** Fill the picker. @param {{name: string, title: string}[]} runs */
  setRuns(runs, current) {
    const options = runs.map(({ name, title }) => html("option", { value: name, text: title ?? name }));
    this.runs.replaceChildren(...options);
    this.asked = undefined;
    this.#setCurrent(current ?? "");
    reveal(this.picker, runs.length > 0);
    this.element.classList.toggle("cw-with-picker", runs.length > 0);
  }

  #setCurrent(name) {
    this.current = name;
    this.runs.value = name;
  }

  /** @param {Run} run */
  load(run) {
    this.clear();
    this.run = run;
    if (this.asked !== undefined) this.#setCurrent(this.asked);
    this.asked = undefined;
    say(this.title, run.pack.title ?? "");
    say(this.part, run.partText);
    reveal(this.part, run.partText !== "");
    this.#showSign(run.reference === null ? null : 0);
    say(this.tradedNote, "waiting for the first step");
  }

  /** Show nothing, as before the first run. */
  clear() {
    this.run = null;
    this.value = null;
    this.drawn = null;
    this.steppedAt = -Infinity;
    const told = [this.title, this.part, this.savedLabel, this.spent, this.share, this.traded, this.tradedNote];
    for (const node of [this.time, this.second, ...told]) say(node, "");
    this.date.replaceChildren();
    reveal(this.part, false);
    say(this.saved, dollars(null));
  }

  /** The long date; narrow headlines drop what is more than three letters of a name. */
  #showDate(local) {
    const text = longDate(local);
    if (this.date.textContent === text) return;
    const [weekday, day, month, year] = text.split(" ");
    const rest = (name) => html("span", { class: "cw-rest", text: name.slice(3) });
    const parts = [weekday.slice(0, 3), rest(weekday), ` ${day} `, month.slice(0, 3), rest(month), ` ${year}`];
    this.date.replaceChildren(...parts);
  }

  /** Say in a word and by colour whether it is a gain, a loss, or only a cost (null). */
  #showSign(usd) {
    const kind = usd === null || Math.abs(usd) < CENT ? "nil" : usd < 0 ? "loss" : "gain";
    put(this.counter, "class", `cw-counter cw-${kind}`);
    const { reference } = this.run;
    const word = kind === "loss" ? "Loss so far" : "Saved so far";
    say(this.savedLabel, reference === null ? "Cost so far" : `${word} against ${armName(reference)}`);
  }

  /**
   * Show a step; the counter runs there if `smooth`, else it stands there at once. Where steps
   * come faster than it runs it would never arrive: then too it stands there at once.
   */
  show(t, smooth) {
    const { run } = this;
    const local = run.timeAt(t);
    const [time, ...second] = timeParts(local).clock.split(" ");
    say(this.time, time);
    say(this.second, second.length ? ` ${second.join(" ")}` : "");
    this.#showDate(local);
    const saved = run.savedAt(t);
    say(this.share, saved.fraction === null ? "" : percent(saved.fraction, 1));
    say(this.spent, this.#spentText(saved));
    const { optimized, arms } = run.pack;
    const { sums } = run.derived[optimized];
    say(this.traded, `${fixed(arms[optimized].traded_kwh[t], 1)} kWh`);
    say(this.tradedNote, `${fixed(sums.p2p_in_kwh[t], 2)} kWh in this step`);
    this.#showSign(saved.usd);
    this.#count(saved.reference === null ? saved.spent : saved.usd, t, smooth);
  }

  #spentText({ spent, reference }) {
    if (reference === null) return "nothing to compare with";
    return `cost ${dollars(spent)} instead of ${dollars(reference)}`;
  }

  #count(usd, t, smooth) {
    if (smooth && t === this.t && usd === this.value) return; // on its way there
    const now = performance.now();
    const hasTime = now - this.steppedAt >= COUNT_MS;
    this.steppedAt = now;
    this.t = t;
    const runs = smooth && hasTime && usd !== null && this.value !== null;
    this.from = runs ? this.value : usd;
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
