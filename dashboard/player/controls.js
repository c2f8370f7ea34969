/** Buttons, slider and speeds: what a person does, told to the player in one word each. */

import { html, put, reveal, say } from "./dom.js";
import { longDate, shortTime, timeParts } from "./format.js";
import { icon } from "./icons.js";

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 10]; // steps per second

/** The bar at the bottom. */
export class Controls {
  /** @param {Object} actions functions by name: toggle, step, seek, setSpeed, beside, ... */
  constructor(actions) {
    this.actions = actions;
    this.#buildSlider();
    this.progress = html("span", { class: "cw-progress" });
    this.element = html(
      "div",
      { class: "cw-controls", role: "group", "aria-label": "Playback" },
      this.#buildMoves(),
      this.slider,
      this.progress,
      this.#buildSpeeds(),
      this.#buildSwitches(),
    );
  }

  #button(name, text, action, extra = {}) {
    const words = html("span", { class: "cw-words", text });
    const attributes = { type: "button", class: `cw-button cw-do-${name}`, "aria-label": text };
    return html("button", { ...attributes, title: text, on: { click: action }, ...extra }, icon(name), words);
  }

  #buildMoves() {
    const { actions } = this;
    this.playing = this.#button("play", "Play", actions.toggle);
    this.pauseIcon = icon("pause");
    this.playIcon = this.playing.firstChild;
    this.newest = this.#button("newest", "Newest step", actions.newest, { hidden: true });
    this.moves = html(
      "div",
      { class: "cw-moves" },
      this.#button("back", "Step back", () => actions.step(-1)),
      this.playing,
      this.#button("forward", "Step forward", () => actions.step(1)),
      this.newest,
    );
    return this.moves;
  }

  #buildSlider() {
    const input = () => this.actions.seek(Number(this.slider.value));
    const attributes = { type: "range", min: 0, max: 0, value: 0, step: 1, class: "cw-slider" };
    this.slider = html("input", { ...attributes, "aria-label": "Local time", on: { input } });
  }

  #buildSpeeds() {
    this.speeds = SPEEDS.map((speed) =>
      html("button", {
        ...{ type: "button", class: "cw-speed", text: `${speed}\u00d7` },
        "aria-label": `Speed ${speed}`,
        title: `${speed} step${speed === 1 ? "" : "s"} per second`,
        on: { click: () => this.actions.setSpeed(speed) },
      }),
    );
    return html("div", { class: "cw-speeds", role: "group", "aria-label": "Speed" }, ...this.speeds);
  }

  #buildSwitches() {
    const { actions } = this;
    const pressed = { "aria-pressed": "false" };
    this.beside = this.#button("beside", "Baseline", actions.beside, pressed);
    this.still = this.#button("motion", "Less motion", actions.still, pressed);
    this.full = this.#button("full", "Full screen", actions.full);
    this.full.hidden = !document.fullscreenEnabled;
    const help = this.#button("help", "Help", actions.help);
    return html("div", { class: "cw-switches" }, this.beside, this.still, this.full, help);
  }

  /** Show no place in time. */
  clear() {
    this.slider.value = "0";
    put(this.slider, "max", 0);
    put(this.slider, "aria-valuetext", "no run");
    this.slider.style.setProperty("--cw-share", "0%");
    say(this.progress, "");
    put(this.progress, "title", "");
  }

  /** Show which mode the player is in. */
  showMode({ idle, playing, speed, beside, canBeside, still, live, follows }) {
    for (const control of [...this.moves.children, ...this.speeds, this.slider]) control.disabled = idle;
    const word = playing ? "Pause" : "Play";
    const shown = playing ? this.pauseIcon : this.playIcon;
    if (this.playing.firstChild !== shown) this.playing.firstChild.replaceWith(shown);
    put(this.playing, "aria-label", word);
    put(this.playing, "title", word);
    say(this.playing.lastChild, word);
    put(this.beside, "aria-pressed", beside);
    this.beside.disabled = !canBeside;
    put(this.still, "aria-pressed", still);
    reveal(this.newest, live && !follows);
    this.speeds.forEach((button, i) => put(button, "aria-pressed", SPEEDS[i] === speed));
  }

  /** Show where playback is. @param {Run} run @param {number} t the step, -1 before the first */
  showStep(run, t, live) {
    const last = Math.max(0, run.stepsCount - 1);
    put(this.slider, "max", last);
    this.slider.value = String(Math.max(0, t));
    const local = run.timeAt(t);
    const when = local ? `${longDate(local)}, ${timeParts(local).clock}` : "no step yet";
    put(this.slider, "aria-valuetext", when);
    const share = last > 0 ? (100 * Math.max(0, t)) / last : 0;
    this.slider.style.setProperty("--cw-share", `${share.toFixed(2)}%`);
    const of = live ? run.stepsPlanned : run.stepsCount;
    say(this.progress, `${t + 1} of ${of}`);
    put(this.progress, "title", local ? shortTime(local) : "");
  }
}
