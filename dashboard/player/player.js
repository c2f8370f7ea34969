/**
 * The player: shows a run step by step. It fetches nothing and knows no server.
 * Time is the step shown, from 0; speed is in steps per second.
 */

import { Charts } from "./charts.js";
import { Controls, SPEEDS } from "./controls.js";
import { say } from "./dom.js";
import { buildFrame, toggleFull } from "./frame.js";
import { dollars, shortTime } from "./format.js";
import { COUNT_MS, Headline } from "./headline.js";
import { listen } from "./keys.js";
import { addFrame, checkPack } from "./pack.js";
import { Run } from "./run.js";
import { Stage } from "./stage.js";
import { Table } from "./table.js";

const FRAME_SECONDS_MAX = 0.1; // a longer pause of the browser is not caught up with
const MOVE_SECONDS = 0.03;
const REDRAW_MS = 250; // how often charts of a live run are drawn anew

class Player {
  constructor(host, options) {
    this.options = { live: false, showPicker: false, autoplay: true, ...options };
    this.run = null;
    this.mode = { playing: false, speed: 1, beside: false, still: false, idle: true };
    this.t = -1;
    this.stepDue = 0; // part of the present step that has passed [1]
    this.frameRequest = null;
    this.#build(host);
    this.#listen();
  }

  #build(host) {
    const actions = this.#actions();
    this.headline = new Headline((name) => this.options.onOpen?.(name));
    this.controls = new Controls(actions);
    this.charts = new Charts();
    this.table = new Table();
    this.frame = buildFrame(this);
    this.tooltip = this.frame.tooltip;
    this.stage = new Stage(this.frame.stage, this.tooltip);
    this.actions = actions;
    host.append(this.frame.root);
  }

  #actions() {
    return {
      toggle: () => this.#setPlaying(!this.mode.playing),
      step: (direction) => this.#stepBy(direction),
      day: (direction) => this.run && this.#seek(this.run.dayFrom(this.t, direction)),
      seek: (t) => this.#seek(t),
      first: () => this.#seek(0),
      newest: () => this.#toNewest(),
      setSpeed: (speed) => this.#setMode({ speed }),
      faster: (direction) => this.#faster(direction),
      beside: () => this.#setBeside(!this.mode.beside),
      still: () => this.#setMode({ still: !this.mode.still }),
      full: () => toggleFull(this.frame.root),
      help: () => this.frame.help.open || this.frame.help.showModal(),
      escape: () => {
        this.tooltip.close();
        this.charts.close();
      },
    };
  }

  #listen() {
    const wishes = matchMedia("(prefers-reduced-motion: reduce)");
    const obey = () => this.#setMode({ still: wishes.matches });
    wishes.addEventListener("change", obey);
    const leave = ({ target }) => this.charts.chooser.contains(target) || this.charts.close();
    document.addEventListener("pointerdown", leave);
    const stopKeys = listen(this.frame.root, this.actions);
    this.stopListening = () => {
      stopKeys();
      wishes.removeEventListener("change", obey);
      document.removeEventListener("pointerdown", leave);
    };
    this.clear();
    obey();
  }

  /** Show no run, as after the player was made; playback stops. */
  clear() {
    this.run = null;
    this.t = -1;
    for (const part of [this.headline, this.controls, this.stage, this.charts, this.table]) part.clear();
    this.frame.root.classList.add("cw-empty");
    say(this.frame.empty, this.options.live ? "No run yet" : "No run is open");
    say(this.frame.status, "");
    this.#setMode({ idle: true, playing: false, follows: false, live: false, canBeside: false });
  }

  /**
   * Replace what is shown.
   * @param {{startAt: ?string}} options where playback starts; null is the first step
   * @throws {Error} if the pack is damaged; what was shown stays
   */
  load(pack, { startAt = null } = this.options) {
    checkPack(pack);
    const live = this.options.live && pack.summary === null;
    this.run = new Run(live ? structuredClone(pack) : pack);
    const canBeside = this.run.arms.length > 1;
    this.headline.load(this.run);
    this.charts.load(this.run);
    this.table.load(this.run);
    this.#setMode({ live, canBeside, beside: this.mode.beside && canBeside, playing: false, idle: false });
    this.frame.root.classList.remove("cw-empty");
    this.stage.load(this.run, this.mode.beside);
    this.t = live ? this.run.stepsCount - 1 : startAt ? this.run.startAt(startAt) : 0;
    this.t = Math.min(this.t, this.run.stepsCount - 1);
    this.#setMode({ follows: live, playing: live || (this.options.autoplay && this.run.stepsCount > 1) });
    this.#draw(false);
  }

  /** Add a step to a live run. @throws {Error} if it is damaged or not the next one */
  append(frame) {
    if (!this.run || !this.mode.live) throw new Error("No live run is shown that could go on.");
    addFrame(this.run.pack, frame);
    this.run.catchUp();
    this.chartsAreOld = true;
    if (this.mode.follows || this.t < 0) this.t = this.run.stepsCount - 1;
    this.#changed();
  }

  /** A live run is over: what is shown becomes a playback. */
  finish(summary) {
    if (!this.run) throw new Error("No run is shown that could be over.");
    this.run.pack.summary = summary;
    const follows = this.mode.follows;
    this.#setMode({ live: false, follows: false, playing: this.mode.playing && !follows });
    this.#changed();
  }

  setRuns(runs, current) {
    if (this.options.showPicker) this.headline.setRuns(runs, current);
  }

  destroy() {
    cancelAnimationFrame(this.frameRequest);
    this.stopListening();
    this.stage.clear();
    this.frame.root.remove();
    this.run = null;
  }

  #setMode(changes) {
    Object.assign(this.mode, changes);
    const { root } = this.frame;
    root.classList.toggle("cw-beside", this.mode.beside);
    root.classList.toggle("cw-still", Boolean(this.mode.still));
    this.controls.showMode(this.mode);
    this.#wake();
  }

  #setPlaying(playing) {
    if (!this.run || this.run.stepsCount === 0) return;
    const last = this.run.stepsCount - 1;
    const atEnd = this.t >= last;
    if (playing && atEnd && !this.mode.live) this.t = 0;
    this.stepDue = 0;
    this.#setMode({ playing, follows: playing && atEnd && this.mode.live });
    this.#changed();
    if (!playing) this.#announce();
  }

  #stepBy(direction) {
    if (!this.run) return;
    this.#setMode({ playing: false });
    this.#seek(this.t + direction);
  }

  #seek(t) {
    if (!this.run || this.run.stepsCount === 0) return;
    this.t = Math.min(this.run.stepsCount - 1, Math.max(0, Math.round(t)));
    this.stepDue = 0;
    if (this.mode.live) this.#setMode({ follows: false, playing: false });
    this.#changed();
    if (!this.mode.playing) this.#announce();
  }

  #toNewest() {
    if (!this.run) return;
    this.#seek(this.run.stepsCount - 1);
    if (this.mode.live) this.#setMode({ follows: true, playing: true });
  }

  #faster(direction) {
    const at = SPEEDS.indexOf(this.mode.speed) + direction;
    if (at >= 0 && at < SPEEDS.length) this.#setMode({ speed: SPEEDS[at] });
  }

  #setBeside(beside) {
    if (!this.mode.canBeside) return;
    this.#setMode({ beside });
    this.stage.setBeside(beside);
    this.#changed();
  }

  #announce() {
    if (this.t < 0) return;
    const { usd } = this.run.savedAt(this.t);
    const saved = usd === null ? "" : `, saved ${dollars(usd)}`;
    say(this.frame.status, `${shortTime(this.run.timeAt(this.t))}${saved}`);
  }

  /** Draw in the next frame of the browser. */
  #changed() {
    this.isOld = true;
    this.#wake();
  }

  #wake() {
    this.frameRequest ??= requestAnimationFrame((now) => this.#onFrame(now));
  }

  #onFrame(now) {
    this.frameRequest = null;
    if (!this.run) return;
    const seconds = Math.min(FRAME_SECONDS_MAX, Math.max(0, now - (this.frameAt ?? now)) / 1000);
    const { playing, still } = this.mode;
    if (playing) this.#advance(seconds);
    this.#refreshCharts(now);
    if (this.isOld) this.#draw(playing && !still && this.#isSlow);
    const counts = this.headline.tick(now);
    if (playing && !still && this.t >= 0) this.#move(seconds);
    const goesOn = this.mode.playing || counts || this.chartsAreOld;
    this.frameAt = goesOn ? now : undefined;
    if (goesOn) this.#wake();
  }

  /** Move dashes, thirty times a second: more costs much and cannot be told apart. */
  #move(seconds) {
    this.moveDue = (this.moveDue ?? 0) + seconds;
    if (this.moveDue < MOVE_SECONDS) return;
    this.stage.move(this.moveDue);
    this.moveDue = 0;
  }

  #advance(seconds) {
    if (this.mode.follows) return;
    this.stepDue += seconds * this.mode.speed;
    if (this.stepDue < 1) return;
    this.stepDue -= 1;
    const last = this.run.stepsCount - 1;
    if (this.t < last) this.t += 1;
    this.isOld = true;
    if (this.t < last) return;
    this.#setMode(this.mode.live ? { follows: true } : { playing: false });
  }

  /** Is there time for the counter to run between two steps. */
  get #isSlow() {
    return this.mode.follows || 1000 / this.mode.speed >= COUNT_MS;
  }

  #refreshCharts(now) {
    if (!this.chartsAreOld || now - (this.chartsAt ?? -Infinity) < REDRAW_MS) return;
    this.charts.redraw();
    this.chartsAreOld = false;
    this.chartsAt = now;
    this.isOld = true;
  }

  /** Show the step: everything that is seen changes here and nowhere else. */
  #draw(smooth) {
    this.isOld = false;
    const { run, t } = this;
    this.controls.showStep(run, t, this.mode.live);
    this.frame.root.classList.toggle("cw-waiting", t < 0);
    say(this.frame.empty, t < 0 ? "Waiting for the first step" : "");
    if (t < 0) return;
    this.headline.show(t, smooth);
    this.stage.show(t);
    this.charts.show(t);
    this.table.show(t);
    this.tooltip.refresh();
  }
}

/**
 * Put a player into an element.
 * @param {HTMLElement} element
 * @param {{live?: boolean, showPicker?: boolean, startAt?: ?string, autoplay?: boolean,
 *   onOpen?: function(string): void}} options startAt is a time of day, HH:MM, or null: the first step
 * @returns {{load: Function, clear: Function, append: Function, finish: Function, setRuns: Function,
 *   destroy: Function}}
 */
export function mount(element, options = {}) {
  const player = new Player(element, options);
  return {
    load: (pack, how) => player.load(pack, how),
    clear: () => player.clear(),
    append: (frame) => player.append(frame),
    finish: (summary) => player.finish(summary),
    setRuns: (runs, current) => player.setRuns(runs, current),
    destroy: () => player.destroy(),
  };
}
