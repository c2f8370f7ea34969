/** One line chart: drawn in full once, then only its cursor, veil and figures move. */

import { freshId, html, put, reveal, say, svg } from "./dom.js";
import { fixed, shortTime } from "./format.js";
import { areaPath, linePath, span, timeTicks, valueTicks } from "./scales.js";

const SIZE = { width: 460, height: 178 };
const PLOT = { left: 48, right: 450, top: 46, bottom: 154 };
const LETTER = 6.6; // width of a letter of the legend

/** @typedef {{key: string, name: string, look: string, values: (?number)[], low?: (?number)[],
 *  high?: (?number)[], ahead?: boolean, steps?: boolean}} Line */

/** A chart of lines over the steps of a run. */
export class Chart {
  /**
   * @param {Object} kind id, title, unit, decimals, band, `lines(run)` and `count(run)`
   * @param {Run} run
   * @param {HTMLElement} tools buttons that stand in the corner
   */
  constructor(kind, run, tools) {
    this.kind = kind;
    this.run = run;
    this.clip = freshId("clip");
    this.layers = {};
    this.#build(tools);
    this.redraw();
  }

  #build(tools) {
    const { layers } = this;
    for (const name of ["bands", "lines", "axes", "ahead", "dots", "legend"]) {
      layers[name] = svg("g", { class: `cw-${name}` });
    }
    layers.ahead.setAttribute("clip-path", `url(#${this.clip})`);
    const tall = { y: PLOT.top - 4, height: PLOT.bottom - PLOT.top + 5 };
    this.veil = svg("rect", { class: "cw-veil", ...tall });
    this.window = svg("rect", { x: PLOT.left - 4, y: 0, height: SIZE.height });
    this.cursor = svg("line", { class: "cw-cursor", y1: PLOT.top - 4, y2: PLOT.bottom });
    this.title = svg("text", { class: "cw-chart-title", x: 4, y: 15 });
    this.drawing = svg(
      "svg",
      { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img", class: "cw-chart-drawing" },
      svg("defs", {}, svg("clipPath", { id: this.clip }, this.window)),
      ...[layers.bands, layers.lines, this.veil, layers.axes, layers.ahead],
      ...[this.cursor, layers.dots, layers.legend, this.title],
    );
    this.element = html("figure", { class: "cw-chart", "data-chart": this.kind.id }, this.drawing, tools);
  }

  /** Draw everything anew, as when a run is loaded or has grown. */
  redraw() {
    const { kind, run } = this;
    this.lines = kind.lines(run);
    const count = kind.count ? `, n = ${kind.count(run)}` : "";
    say(this.title, `${kind.title} [${kind.unit}]${count}`);
    const stepsLast = run.stepsPlanned - 1;
    this.x = (t) =>
      stepsLast > 0
        ? PLOT.left + ((PLOT.right - PLOT.left) * t) / stepsLast
        : (PLOT.left + PLOT.right) / 2;
    const all = this.lines.flatMap((line) => [line.values, line.low ?? [], line.high ?? []]);
    this.ticks = kind.whole ?? valueTicks(span(all), kind.free);
    const { low, high } = this.ticks;
    const share = (value) => (Math.min(high, Math.max(low, value)) - low) / (high - low);
    this.y = (value) => PLOT.bottom - (PLOT.bottom - PLOT.top) * share(value);
    this.#drawAxes();
    this.#drawLines();
    this.#drawLegend();
  }

  #drawAxes() {
    const parts = [];
    for (const value of this.ticks.values) {
      const y = this.y(value).toFixed(1);
      const text = fixed(value, this.ticks.decimals);
      parts.push(svg("line", { class: "cw-rule", x1: PLOT.left, x2: PLOT.right, y1: y, y2: y }));
      parts.push(svg("text", { class: "cw-tick", x: PLOT.left - 6, y: Number(y) + 4, text }));
    }
    for (const { t, text } of timeTicks(this.run)) {
      const x = this.x(t);
      const [y1, y2] = [PLOT.bottom, PLOT.bottom + 4];
      parts.push(svg("line", { class: "cw-rule", x1: x, x2: x, y1, y2 }));
      const inside = Math.min(SIZE.width - 20, Math.max(PLOT.left, x));
      parts.push(svg("text", { class: "cw-tick cw-time", x: inside, y: PLOT.bottom + 17, text }));
    }
    this.layers.axes.replaceChildren(...parts);
  }

  #drawLines() {
    const { x, y, layers } = this;
    const path = (line) =>
      svg("path", { class: `cw-line-${line.look}`, d: linePath(line.values, x, y, line.steps) });
    const banded = this.lines.filter((line) => line.low);
    const area = (line) =>
      svg("path", { class: `cw-band-${line.look}`, d: areaPath(line.low, line.high, x, y) });
    layers.bands.replaceChildren(...banded.map(area));
    layers.lines.replaceChildren(...this.lines.filter((line) => !line.ahead).map(path));
    layers.ahead.replaceChildren(...this.lines.filter((line) => line.ahead).map(path));
    this.dots = this.lines.map((line) => svg("circle", { r: 4, class: `cw-dot-${line.look}` }));
    layers.dots.replaceChildren(...this.dots);
  }

  #drawLegend() {
    let x = 4;
    this.entries = this.lines.map((line) => {
      const text = svg("text", { class: "cw-legend-text", x: x + 27, y: 34 });
      const sample = { x1: x, x2: x + 22, y1: 30, y2: 30, class: `cw-line-${line.look}` };
      this.layers.legend.append(svg("line", sample), text);
      x += 40 + LETTER * (line.name.length + 6);
      return text;
    });
    const fresh = 2 * this.entries.length;
    while (this.layers.legend.children.length > fresh) this.layers.legend.firstChild.remove();
  }

  /** Switch mean and deviation's band on or off. */
  setBand(shown) {
    reveal(this.layers.bands, shown);
  }

  /** Move to a step. @param {number} t */
  show(t) {
    const x = this.x(t);
    put(this.cursor, "x1", x.toFixed(1));
    put(this.cursor, "x2", x.toFixed(1));
    put(this.veil, "x", x.toFixed(1));
    put(this.veil, "width", Math.max(0, PLOT.right + 4 - x).toFixed(1));
    if (this.layers.ahead.firstChild) {
      put(this.window, "width", (this.x(this.run.dayEnd(t)) - PLOT.left + 4).toFixed(1));
    }
    const said = this.lines.map((line, i) => this.#showLine(line, i, t));
    const when = shortTime(this.run.timeAt(t));
    put(this.drawing, "aria-label", `${this.title.textContent}, ${when}: ${said.join(", ")}`);
  }

  #showLine(line, i, t) {
    const value = line.values[t] ?? null;
    const figure = fixed(value, this.kind.decimals);
    const dot = this.dots[i];
    reveal(dot, value !== null);
    if (value !== null) {
      put(dot, "cx", this.x(t).toFixed(1));
      put(dot, "cy", this.y(value).toFixed(1));
    }
    say(this.entries[i], `${line.name} ${figure}`);
    return `${line.name} ${figure}`;
  }
}
