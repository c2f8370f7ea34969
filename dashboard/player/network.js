/** The network of one arm: homes on a ring, the grid in the middle, arrows between them. */

import { Arrows } from "./arrows.js";
import { html, put, reveal, say, svg } from "./dom.js";
import { armName, dollars, fixed, power, shortEnergy } from "./format.js";
import { placesOf, viewOn } from "./geometry.js";
import { iconGroup } from "./icons.js";
import { Node, figuresOf } from "./node.js";

const OTHERS_SCALE = 1.35;
const NEVER_LEFT_OUT = 15; // homes that cannot trade in more pairs than are drawn
const SMALL_HUB = 76; // radius below which only what is bought and sold has room in it

/** The room that a home and its lettering take, for labels to stay clear of. */
function boxOf(place) {
  const { x, y, radius, size, out, lines, pitch } = place;
  const side = out.y < 0 ? -1 : 1; // the lettering stands on the outer side
  const height = 18 + pitch * lines;
  const width = size === "large" ? 158 : 104;
  if (size !== "small") return { x, y: y + (side * height) / 2, width, height: 2 * radius + height };
  const reach = { x: x + out.x * 16, y: y + out.y * 16 };
  return { ...reach, width: 2 * radius + 34, height: 2 * radius + 34 };
}

function layoutOf(homes, view) {
  const layout = placesOf(homes, view);
  layout.places = layout.places.map(({ x, y }, row) => {
    const length = Math.hypot(x - layout.centre.x, y - layout.centre.y) || 1;
    const out = { x: (x - layout.centre.x) / length, y: (y - layout.centre.y) / length };
    const radius = layout.radius * (homes[row].id === null ? OTHERS_SCALE : 1);
    const { size, lines, pitch } = layout;
    const place = { x, y, radius, out, size, lines, pitch, low: view.low };
    return { ...place, box: boxOf(place) };
  });
  return layout;
}

/** A network that is made once for a run and shown step by step. */
export class Network {
  /**
   * @param {Run} run
   * @param {string} arm key of the pack's arms
   * @param {Tooltip} tooltip
   * @param {string} role "Baseline" or "Optimized"
   */
  constructor(run, arm, tooltip, role) {
    this.run = run;
    this.arm = arm;
    this.title = run.arms.length > 1 ? `${role}: ${armName(arm)}` : armName(arm);
    this.tooltip = tooltip;
    this.t = -1;
    this.arrows = new Arrows((arrow) => tooltip.attach(arrow.group, () => arrow.details()));
    this.#build();
    this.#fit(viewOn(1000, 800));
    this.watch = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.height > 0) this.#fit(viewOn(contentRect.width, contentRect.height));
    });
    this.watch.observe(this.drawing);
  }

  #build() {
    this.middle = svg("g");
    this.homes = svg("g", { class: "cw-nodes" });
    const layers = [this.arrows.layer, this.middle, this.homes, this.arrows.labels];
    this.drawing = svg("svg", { class: "cw-drawing", role: "group" }, ...layers);
    this.drawing.setAttribute("aria-label", `Network, ${this.title}`);
    this.sums = html("span", { class: "cw-network-sums" });
    this.words = html("p", { class: "cw-left-out" });
    reveal(this.words, this.run.homes.length > NEVER_LEFT_OUT); // always there: the drawing must not jump
    const caption = html("h3", { class: "cw-network-title", text: this.title });
    const head = html("div", { class: "cw-network-head" }, caption, this.sums);
    this.element = html("section", { class: "cw-network" }, head, this.drawing, this.words);
    this.element.setAttribute("aria-label", this.title);
  }

  /** Lay out anew for another room, unless it has the same shape. */
  #fit(view) {
    const box = `0 0 ${view.width} ${view.height}`;
    if (box === this.drawing.getAttribute("viewBox")) return;
    this.tooltip.close();
    this.drawing.setAttribute("viewBox", box);
    put(this.drawing, "class", `cw-drawing${view.low ? " cw-low" : ""}`);
    this.layout = layoutOf(this.run.homes, view);
    this.nodes = this.run.homes.map((home, row) => new Node(home, this.layout.places[row]));
    for (const node of this.nodes) this.tooltip.attach(node.group, () => node.details());
    this.homes.replaceChildren(...this.nodes.map((node) => node.group));
    this.middle.replaceChildren(this.#drawHub());
    this.tooltip.attach(this.hub, () => this.#hubDetails());
    if (this.t >= 0) this.show(this.t);
  }

  #drawHub() {
    const { x, y, radius } = this.layout.centre;
    const scale = radius / 104;
    const line = (name, at) => svg("text", { class: `cw-hub-text ${name}`, y: at });
    const small = radius < SMALL_HUB;
    this.bought = line("cw-hub-buy", small ? 6 : -6);
    this.sold = line("cw-hub-sell", small ? 42 : 21);
    this.boughtKw = line("cw-hub-minor", 44);
    this.today = line("cw-hub-minor", 64);
    for (const minor of [this.boughtKw, this.today]) reveal(minor, !small);
    this.hubUnit = small ? "" : " kWh";
    this.hub = svg(
      "g",
      { class: small ? "cw-hub cw-small-hub" : "cw-hub", transform: `translate(${x} ${y}) scale(${scale.toFixed(3)})`, tabindex: 0, role: "img" },
      svg("circle", { r: 104 }),
      iconGroup("pylon", { transform: "translate(-25 -89) scale(2.1)" }),
      ...[this.bought, this.sold, this.boughtKw, this.today],
    );
    return this.hub;
  }

  /** Show a step. @param {number} t */
  show(t) {
    const arm = this.run.pack.arms[this.arm];
    this.t = t;
    this.nodes.forEach((node, row) => node.show(figuresOf(arm, t, row)));
    const left = this.arrows.show(this.run, this.run.flows(this.arm, t), this.layout);
    this.#showHub(t);
    this.#showSums(t);
    this.#showLeftOut(left);
  }

  #showHub(t) {
    const { sums, today } = this.run.derived[this.arm];
    const [bought, sold] = [sums.import_kwh[t], sums.export_kwh[t]];
    say(this.bought, `buy ${shortEnergy(bought)}${this.hubUnit}`);
    say(this.sold, `sell ${shortEnergy(sold)}${this.hubUnit}`);
    say(this.boughtKw, `${fixed(bought / this.run.hours, 1)} / ${power(sold / this.run.hours)}`);
    const day = [today.import_kwh[t], today.export_kwh[t]].map(shortEnergy);
    say(this.today, `today ${day.join(" / ")}`);
    put(this.hub, "aria-label", `The grid: homes buy ${bought.toFixed(2)} kWh, sell ${sold.toFixed(2)} kWh`);
  }

  #showSums(t) {
    const { sums } = this.run.derived[this.arm];
    const cost = this.run.pack.cost_usd[this.arm]?.[t] ?? null;
    const traded = `P2P ${shortEnergy(sums.p2p_in_kwh[t])} kWh in this step`;
    say(this.sums, `${traded} \u00b7 cost so far ${dollars(cost)}`);
  }

  #showLeftOut({ count, kwh, withinKwh }) {
    const parts = [];
    if (count > 0) parts.push(`${count} smaller flow${count > 1 ? "s" : ""}, ${shortEnergy(kwh)} kWh`);
    if (withinKwh > 0) parts.push(`traded among the others, ${shortEnergy(withinKwh)} kWh`);
    say(this.words, parts.length ? `Not drawn: ${parts.join("; ")}.` : "");
  }

  #hubDetails() {
    const { sums, today } = this.run.derived[this.arm];
    const { t } = this;
    const both = (name) => `${fixed(sums[name][t], 3)} kWh, ${power(sums[name][t] / this.run.hours)}`;
    return {
      title: "The grid",
      rows: [
        ["Homes buy", both("import_kwh")],
        ["Homes sell", both("export_kwh")],
        ["Bought today", `${fixed(today.import_kwh[t], 3)} kWh`],
        ["Sold today", `${fixed(today.export_kwh[t], 3)} kWh`],
        ["Tariff", `${fixed(this.run.pack.tariff_cents_per_kwh[t], 2)} ct/kWh`],
        ["Credit for exports", `${fixed(this.run.pack.export_cents_per_kwh[t], 2)} ct/kWh`],
      ],
    };
  }

  /** Stop watching the room. */
  destroy() {
    this.watch.disconnect();
  }

  /** Move the dashes on. @param {number} seconds */
  move(seconds) {
    this.arrows.move(seconds);
  }
}
