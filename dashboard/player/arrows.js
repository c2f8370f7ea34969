/** Arrows of the network, taken from a pool: made once, used again at every step. */

import { put, reveal, say, svg } from "./dom.js";
import { dollars, energy, homeName, power, price, shortEnergy } from "./format.js";
import { Crowd, curveBetween, curvePath, headPath, lineBetween, pointOn } from "./geometry.js";

export const P2P_ARROWS_MAX = 60;
const LABELS_MAX = { large: 26, medium: 22, small: 16 };
const WIDTH_LEAST = 2;
const WIDTH_MOST = { large: 15, medium: 12, small: 8 };
const SPEED = { least: 10, most: 110 }; // units of the drawing per second
const LETTER = 10.8; // width of a letter of a label
const GRID_SHIFT = 7; // buying and selling lines of one home stand apart
const SHARES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73];
const WORDS = { buy: "buy ", sell: "sell ", p2p: "" };

/** Dashes by kind: so many widths long and apart, so that they differ without colour. */
function dashes(kind, width) {
  if (kind === "sell") return [0.1, 2.1 * width + 5]; // dots, by round ends
  return kind === "buy" ? [18 + width, 10 + width] : [7 + width, 7 + width];
}

class Arrow {
  constructor() {
    this.base = svg("path", { class: "cw-arrow-base" });
    this.moving = svg("path", { class: "cw-arrow-dashes" });
    this.head = svg("path", { class: "cw-arrow-head" });
    this.reach = svg("path", { class: "cw-arrow-reach" });
    const parts = [this.reach, this.base, this.moving, this.head];
    this.group = svg("g", { tabindex: 0, role: "img" }, ...parts);
    this.plate = svg("rect", { class: "cw-plate", height: 20, y: -10, rx: 6 });
    this.words = svg("text", { y: 5.5 });
    this.label = svg("g", {}, this.plate, this.words);
    this.offset = 0;
  }

  /** @param {Object} flow from `Run.flows`; `run` tells scale and names; `ends` the two places */
  show(flow, run, ends) {
    this.flow = flow;
    this.run = run;
    const share = Math.min(1, flow.kwh / run.wideKwh);
    const width = WIDTH_LEAST + (ends.widthMost - WIDTH_LEAST) * share;
    const headLength = 10 + width * 0.9;
    const shift = flow.kind === "p2p" ? 0 : GRID_SHIFT;
    this.curve =
      flow.kind === "p2p"
        ? curveBetween(ends.from, ends.to, ends.centre, headLength)
        : lineBetween(ends.from, ends.to, shift, headLength);
    const [dash, gap] = dashes(flow.kind, width);
    this.period = dash + gap;
    this.speed = SPEED.least + (SPEED.most - SPEED.least) * share;
    const path = curvePath(this.curve);
    for (const part of [this.base, this.moving, this.reach]) put(part, "d", path);
    put(this.head, "d", headPath(this.curve, headLength, 9 + width * 1.1));
    put(this.base, "stroke-width", width.toFixed(1));
    put(this.moving, "stroke-width", width.toFixed(1));
    put(this.moving, "stroke-dasharray", `${dash.toFixed(1)} ${gap.toFixed(1)}`);
    put(this.group, "class", `cw-arrow cw-${flow.kind}`);
    put(this.group, "data-kwh", String(flow.kwh));
    put(this.group, "aria-label", `${this.#title()}: ${energy(flow.kwh)}`);
    reveal(this.group, true);
  }

  hide() {
    this.flow = null;
    reveal(this.group, false);
    reveal(this.label, false);
  }

  /** Write the energy where there is room. */
  write(crowd) {
    const { kind, kwh } = this.flow;
    const text = `${WORDS[kind]}${shortEnergy(kwh)}${kind === "p2p" ? " kWh" : ""}`;
    const points = SHARES.map((share) => pointOn(this.curve, share));
    const width = LETTER * text.length + 6;
    const at = crowd.place(points, width + 2, 22);
    if (!at) return false;
    say(this.words, text);
    put(this.plate, "width", width);
    put(this.plate, "x", -width / 2);
    put(this.label, "transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
    put(this.label, "class", `cw-arrow-label cw-${kind}`);
    reveal(this.label, true);
    return true;
  }

  /** Move the dashes on; the power says how fast. @param {number} seconds */
  move(seconds) {
    this.offset = (this.offset - this.speed * seconds) % this.period;
    this.moving.setAttribute("stroke-dashoffset", this.offset.toFixed(1));
  }

  #title() {
    const { kind, from, to } = this.flow;
    const { homes } = this.run;
    if (kind === "buy") return `${homeName(homes[to])} buys from the grid`;
    if (kind === "sell") return `${homeName(homes[from])} sells to the grid`;
    return `${homeName(homes[from])} sells to ${homeName(homes[to])}`;
  }

  details() {
    const { kind, kwh, cents } = this.flow;
    const rows = [
      ["Energy", energy(kwh)],
      ["Power, mean of the step", power(kwh / this.run.hours)],
    ];
    if (kind === "p2p") rows.push(["Price", price(cents)]);
    if (kind === "p2p" && cents !== null) rows.push(["Paid", dollars((kwh * cents) / 100)]);
    return { title: this.#title(), rows };
  }
}

/** All arrows of one network. */
export class Arrows {
  /** @param {Function} onMade called with a new arrow, to give it a tooltip */
  constructor(onMade) {
    this.layer = svg("g", { class: "cw-arrows" });
    this.labels = svg("g", { class: "cw-arrow-labels", "aria-hidden": "true" });
    this.onMade = onMade;
    this.pool = [];
    this.usedCount = 0;
  }

  #arrow(number) {
    if (number === this.pool.length) {
      const arrow = new Arrow();
      this.pool.push(arrow);
      this.layer.append(arrow.group);
      this.labels.append(arrow.label);
      this.onMade(arrow);
    }
    return this.pool[number];
  }

  /**
   * Draw the flows of a step.
   * @param {Run} run
   * @param {Object[]} flows as of `Run.flows`
   * @param {Object} layout size, centre and places of the homes
   * @returns {{count: number, kwh: number, withinKwh: number}} what is not drawn
   */
  show(run, flows, layout) {
    const trades = flows.filter((flow) => flow.kind === "p2p");
    const within = trades.filter((flow) => flow.from === flow.to); // among the others
    const between = trades.filter((flow) => flow.from !== flow.to);
    const drawn = [
      ...flows.filter((flow) => flow.kind !== "p2p"),
      ...between.slice(0, P2P_ARROWS_MAX),
    ];
    drawn.forEach((flow, i) => this.#arrow(i).show(flow, run, endsOf(flow, layout)));
    for (let i = drawn.length; i < this.usedCount; i += 1) this.pool[i].hide();
    this.usedCount = drawn.length;
    this.#write(layout);
    const left = between.slice(P2P_ARROWS_MAX);
    const total = (list) => list.reduce((kwh, flow) => kwh + flow.kwh, 0);
    return { count: left.length, kwh: total(left), withinKwh: total(within) };
  }

  /** The strongest first, trades before the grid: who finds no room has no label. */
  #write(layout) {
    const crowd = new Crowd();
    crowd.take(layout.centre.x, layout.centre.y, 2 * layout.hub, 2 * layout.hub);
    for (const { box } of layout.places) crowd.take(box.x, box.y, box.width, box.height);
    const rank = ({ flow }) => (flow.kind === "p2p" ? 1e6 : 0) + flow.kwh;
    const used = this.pool.slice(0, this.usedCount).sort((a, b) => rank(b) - rank(a));
    let left = LABELS_MAX[layout.size];
    for (const arrow of used) {
      const written = left > 0 && arrow.write(crowd);
      if (written) left -= 1;
      else reveal(arrow.label, false);
    }
  }

  /** Move every arrow on by some seconds. */
  move(seconds) {
    for (let i = 0; i < this.usedCount; i += 1) this.pool[i].move(seconds);
  }
}

function endsOf(flow, { places, centre, size }) {
  return {
    from: flow.from === null ? centre : places[flow.from],
    to: flow.to === null ? centre : places[flow.to],
    centre,
    widthMost: WIDTH_MOST[size],
  };
}
