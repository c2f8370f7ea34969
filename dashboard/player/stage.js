/** The networks of a run: the optimized arm always, the baseline beside it once it is asked for. */

import { Network } from "./network.js";

/** Makes networks when they are first shown, and drops them with their run. */
export class Stage {
  /** @param {HTMLElement} element @param {Tooltip} tooltip */
  constructor(element, tooltip) {
    this.element = element;
    this.tooltip = tooltip;
    this.networks = [];
    this.shown = [];
  }

  /** Show no run. */
  clear() {
    this.tooltip.close();
    for (const network of this.networks) network.destroy();
    this.networks = [];
    this.shown = [];
    this.element.replaceChildren();
  }

  /** @param {Run} run @param {boolean} beside is the baseline shown too, on the left */
  load(run, beside) {
    this.clear();
    this.run = run;
    this.networks.push(new Network(run, run.pack.optimized, this.tooltip, "Optimized"));
    this.setBeside(beside);
  }

  setBeside(beside) {
    if (beside && this.networks.length === 1) {
      this.networks.push(new Network(this.run, this.run.pack.baseline, this.tooltip, "Baseline"));
    }
    this.shown = beside ? this.networks : this.networks.slice(0, 1);
    this.element.replaceChildren(...[...this.shown].reverse().map((network) => network.element));
  }

  /** Show a step. @param {number} t */
  show(t) {
    for (const network of this.shown) network.show(t);
  }

  /** Move the dashes on. @param {number} seconds */
  move(seconds) {
    for (const network of this.shown) network.move(seconds);
  }
}
