/** A home in the network: a drawn house in a ring that is filled as its battery is. */

import { put, reveal, say, svg } from "./dom.js";
import { dollars, energy, fixed, homeName, lightName, percent, signedPair, stateName } from "./format.js";
import { statePath } from "./icons.js";
import { fillFraction } from "./run.js";

const STATE_CLASSES = { "1": "cw-state-well", "0": "cw-state-normal", "-1": "cw-state-struggling" };
const LIGHT_CLASSES = { "1": "cw-light-green", "0": "cw-light-off", "-1": "cw-light-red" };
const LIGHT_LETTERS = { "1": "G", "0": "", "-1": "R" };
const BULBS = { large: 12, medium: 10, small: 7.5 }; // radius of a light
const LOW_BULBS = { large: 10, medium: 8.5, small: 7 };
const HOUSE = "M-21-1 0-20 21-1 16-1V18H-16V-1z";
const PANEL = "M3-17.3 18-3.7 22.6-8.7 7.6-22.3zM10.5-10.5l4.6-5";

/** One home, drawn once and changed at every step. */
export class Node {
  /**
   * @param {Object} home entry of the pack's homes
   * @param {Object} place x, y, radius and the size of the lettering
   */
  constructor(home, place) {
    this.home = home;
    this.place = place;
    this.group = svg("g", {
      class: `cw-node cw-${place.size}`,
      transform: `translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`,
      tabindex: 0,
      role: "img",
    });
    this.#drawHouse();
    this.#drawLight();
    this.#drawLines();
  }

  #drawHouse() {
    const { radius } = this.place;
    const ring = { r: radius, class: "cw-ring" };
    this.fill = svg("circle", { ...ring, class: "cw-fill", pathLength: 100, transform: "rotate(-90)" });
    this.house = svg("path", { d: HOUSE });
    this.badge = svg("path", { class: "cw-badge", transform: "translate(0 6) scale(1.15)" });
    const scale = (radius / 40) * (this.place.size === "small" ? 1.1 : 1);
    const drawing = svg("g", { transform: `scale(${scale.toFixed(2)})` }, this.house);
    if (this.home.has_pv) drawing.append(svg("path", { d: PANEL, class: "cw-roof-panel" }));
    drawing.append(this.badge);
    const hasBattery = this.home.battery_capacity_kwh > 0;
    const track = svg("circle", { ...ring, class: hasBattery ? "cw-ring" : "cw-ring cw-no-battery" });
    const disc = svg("circle", { r: radius + 7, class: "cw-disc" });
    this.group.append(disc, track, this.fill, drawing);
    reveal(this.fill, hasBattery);
  }

  #drawLight() {
    const { radius, size, out, low } = this.place;
    const side = out.x < -0.05 ? -1 : 1; // away from the middle, where arrows come from
    const r = (low ? LOW_BULBS : BULBS)[size];
    const at = radius * 0.74;
    this.bulb = svg("circle", { r });
    this.letter = svg("text", { class: "cw-letter", y: r * 0.38, "font-size": r * 1.25 });
    const ends = side < 0 ? "cw-score cw-ends" : "cw-score";
    this.score = svg("text", { class: ends, x: side * (r + 4), y: 5 });
    this.light = svg("g", { transform: `translate(${side * at} ${-at})` }, this.bulb, this.letter);
    if (size !== "small") this.light.append(this.score);
    this.group.append(this.light);
  }

  #drawLines() {
    const { radius, size, out, pitch, lines: count } = this.place;
    this.lines = Array.from({ length: count }, (_, i) => svg("text", { class: `cw-line cw-line-${i}` }));
    const first = out.y < 0 ? -(radius + 15 + (count - 1) * pitch) : radius + (pitch + 6);
    this.lines.forEach((line, i) => {
      if (size !== "small") {
        line.setAttribute("y", first + i * pitch);
        return;
      }
      line.setAttribute("x", (out.x * (radius + 26)).toFixed(1));
      line.setAttribute("y", (out.y * (radius + 24) + (count > 1 ? -2 : 4) + i * pitch).toFixed(1));
    });
    this.group.append(...this.lines);
  }

  /** Show the figures of one step. @param {Object} figures as of `figuresOf` */
  show(figures) {
    this.figures = figures;
    const state = String(figures.state ?? 0);
    const light = String(figures.light ?? 0);
    const filled = fillFraction(this.home, figures.stored_kwh);
    put(this.house, "class", `cw-house ${STATE_CLASSES[state] ?? STATE_CLASSES["0"]}`);
    put(this.badge, "d", statePath(Number(state)));
    put(this.fill, "stroke-dasharray", `${(100 * (filled ?? 0)).toFixed(1)} 100`);
    put(this.bulb, "class", LIGHT_CLASSES[light] ?? LIGHT_CLASSES["0"]);
    say(this.letter, LIGHT_LETTERS[light] ?? "");
    say(this.score, figures.score === null ? "" : fixed(figures.score, 0));
    this.#write(filled);
    put(this.group, "aria-label", this.#label(filled));
  }

  #write(filled) {
    const { size, low } = this.place;
    const name = homeName(this.home);
    const level = filled === null ? "" : percent(filled);
    if (size === "small") {
      say(this.lines[0], this.home.id === null ? name : String(this.home.id));
      if (this.lines[1]) say(this.lines[1], level);
      return;
    }
    const { bought, sold } = exchanged(this.figures);
    // Many homes in little room: the number alone.
    const short = low && size === "medium" && this.home.id !== null ? String(this.home.id) : name;
    const title = level ? `${short} \u00b7 ${level}` : short;
    const wallet = dollars(this.figures.wallet_usd);
    const pair = signedPair(bought, sold, low || size !== "large" ? 1 : 2);
    // In little room wallet and energies share a line.
    const texts = this.lines.length < 3 ? [title, `${wallet}  ${pair}`] : [title, wallet, pair];
    if (size === "large" && !low) texts[2] += " kWh";
    this.lines.forEach((line, i) => say(line, texts[i]));
  }

  #label(filled) {
    const battery = filled === null ? "no battery" : `battery ${percent(filled)}`;
    return `${homeName(this.home)}: ${stateName(this.figures.state)}, ${battery}`;
  }

  /** Everything that is known of this home in the step shown. @returns {{title, rows}} */
  details() {
    return { title: homeName(this.home), rows: homeRows(this.home, this.figures) };
  }
}

/** Energy bought and sold in a step, of other homes and the grid [kWh]. */
export function exchanged(figures) {
  return {
    bought: (figures.import_kwh ?? 0) + (figures.p2p_in_kwh ?? 0),
    sold: (figures.export_kwh ?? 0) + (figures.p2p_out_kwh ?? 0),
  };
}

/** Figures of a row in a step, by field. */
export function figuresOf(arm, t, row) {
  return Object.fromEntries(Object.entries(arm.steps).map(([name, all]) => [name, all[t][row]]));
}

function batteryText(home, storedKwh) {
  const filled = fillFraction(home, storedKwh);
  if (filled === null) return "none";
  return `${percent(filled)}, ${fixed(storedKwh, 3)} of ${fixed(home.battery_capacity_kwh, 1)} kWh`;
}

function homeRows(home, figures) {
  const moved = figures.battery_kwh;
  const rows = [
    ["State", stateName(figures.state)],
    ["Gain on the baseline", dollars(figures.gain_usd)],
    ["Wallet", dollars(figures.wallet_usd)],
    ["Battery", batteryText(home, figures.stored_kwh)],
    [moved < 0 ? "Battery gives" : "Battery takes", energy(moved === null ? null : Math.abs(moved))],
    ["Consumption", energy(figures.load_kwh)],
    ["Production", home.has_pv ? energy(figures.pv_kwh) : "no panels"],
    ["Bought from homes", energy(figures.p2p_in_kwh)],
    ["Sold to homes", energy(figures.p2p_out_kwh)],
    ["Bought from the grid", energy(figures.import_kwh)],
    ["Sold to the grid", energy(figures.export_kwh)],
    ["Score", fixed(figures.score, 1)],
    ["Signal", lightName(figures.light)],
  ];
  return home.id === null ? [["Homes", String(home.members_count)], ...rows] : rows;
}
