/** One tooltip for the whole player: by pointer or by keyboard focus, closed by Escape. */

import { freshId, html } from "./dom.js";

const GAP = 14; // px between a thing and its tooltip

/** Shows the details of what is pointed at; they follow the step while it is open. */
export class Tooltip {
  /** @param {HTMLElement} frame positioned element that it must stay within */
  constructor(frame) {
    this.frame = frame;
    this.id = freshId("tooltip");
    this.title = html("strong");
    this.list = html("dl");
    this.element = html(
      "div",
      { class: "cw-tooltip", role: "tooltip", id: this.id, hidden: true },
      this.title,
      this.list,
    );
    this.target = null;
    frame.append(this.element);
  }

  /**
   * Give an element a tooltip.
   * @param {Element} target
   * @param {Function} details returns {title, rows: [name, value][]}
   */
  attach(target, details) {
    target.setAttribute("aria-describedby", this.id);
    target.addEventListener("pointerenter", () => this.open(target, details));
    target.addEventListener("pointerleave", () => this.close(target));
    target.addEventListener("focus", () => this.open(target, details));
    target.addEventListener("blur", () => this.close(target));
  }

  open(target, details) {
    if (target.getAttribute("display") === "none") return; // hidden since the pointer or the key went there
    this.target = target;
    this.details = details;
    this.element.hidden = false;
    this.refresh();
    this.#place();
  }

  /** Close; if a target is given, only if it is the one shown. @returns {boolean} was it open */
  close(target = this.target) {
    if (this.target === null || target !== this.target) return false;
    this.target = null;
    this.element.hidden = true;
    return true;
  }

  /** Write the figures of the step that is shown now. */
  refresh() {
    if (this.target === null) return;
    if (this.target.getAttribute("display") === "none") {
      this.close();
      return;
    }
    const { title, rows } = this.details();
    this.title.textContent = title;
    while (this.list.children.length < 2 * rows.length) this.list.append(html("dt"), html("dd"));
    while (this.list.children.length > 2 * rows.length) this.list.lastChild.remove();
    rows.forEach(([name, value], i) => {
      this.list.children[2 * i].textContent = name;
      this.list.children[2 * i + 1].textContent = value;
    });
  }

  #place() {
    const frame = this.frame.getBoundingClientRect();
    const target = this.target.getBoundingClientRect();
    const own = this.element.getBoundingClientRect();
    const centre = { x: target.left + target.width / 2, y: target.top + target.height / 2 };
    const beside = Math.min(target.width / 2, 60) + GAP;
    const right = centre.x + beside + own.width <= frame.right;
    const left = right ? centre.x + beside : centre.x - beside - own.width;
    const top = Math.min(centre.y - own.height / 2, frame.bottom - own.height - GAP);
    const within = (value, least) => `${Math.max(GAP, value - least)}px`;
    this.element.style.left = within(left, frame.left);
    this.element.style.top = within(top, frame.top);
  }
}
