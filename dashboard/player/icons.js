/** Icons, drawn: 24 by 24, strokes in the colour of the text. */

import { svg } from "./dom.js";

const DRAWINGS = {
  play: [["path", { d: "M8 5.5v13l10.5-6.5z", class: "cw-solid" }]],
  pause: [["path", { d: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z", class: "cw-solid" }]],
  back: [
    ["path", { d: "M17.5 6v12L9 12z", class: "cw-solid" }],
    ["path", { d: "M6.5 6v12" }],
  ],
  forward: [
    ["path", { d: "M6.5 6v12L15 12z", class: "cw-solid" }],
    ["path", { d: "M17.5 6v12" }],
  ],
  newest: [
    ["path", { d: "M4 6v12l7-6zM11.5 6v12l7-6z", class: "cw-solid" }],
    ["path", { d: "M20 6v12" }],
  ],
  beside: [
    ["rect", { x: 3, y: 5, width: 8, height: 14, rx: 1.5 }],
    ["rect", { x: 13, y: 5, width: 8, height: 14, rx: 1.5 }],
  ],
  motion: [["path", { d: "M3 8h11M6 12h14M3 16h9" }]],
  full: [["path", { d: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" }]],
  help: [
    ["circle", { cx: 12, cy: 12, r: 9 }],
    ["path", { d: "M9.4 9.4a2.7 2.7 0 1 1 3.6 2.6c-.7.3-1 .8-1 1.7M12 16.6v.4" }],
  ],
  house: [["path", { d: "M3.5 11.5 12 4l8.5 7.5M6 9.8V20h12V9.8M10 20v-5.5h4V20" }]],
  panel: [["path", { d: "M6.5 6h11l3 11h-17zM12 6v11M5 11.5h14M12 17v3.5" }]],
  battery: [
    ["rect", { x: 3, y: 8, width: 16, height: 9, rx: 1.8 }],
    ["path", { d: "M21.5 11v3" }],
    ["rect", { x: 5, y: 10, width: 8, height: 5, class: "cw-solid" }],
  ],
  pylon: [
    [
      "path",
      { d: "M12 2.5 7 21.5M12 2.5l5 19M6 8.5h12M4.5 12.5h15M9.7 11.5l5.6 5.3M14.3 11.5l-5.6 5.3M6 8.5v1.6M18 8.5v1.6M4.5 12.5v1.6M19.5 12.5v1.6" },
    ],
  ],
};

/** The parts of an icon, to be put into a drawing. @returns {SVGElement} */
export function iconGroup(name, attributes = {}) {
  const parts = DRAWINGS[name].map(([tag, drawn]) => svg(tag, drawn));
  return svg("g", { class: "cw-icon", ...attributes }, ...parts);
}

/** An icon that stands by itself; it says nothing to a screen reader. @returns {SVGElement} */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, iconGroup(name));
}

/** Shape of a state: a triangle up, a disc, a triangle down. @returns {string} */
export function statePath(state) {
  if (state > 0) return "M0-6.5 6.5 5H-6.5z";
  if (state < 0) return "M0 6.5-6.5-5H6.5z";
  return "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z";
}

/** A state as a small icon for a legend. @returns {SVGElement} */
export function stateIcon(state) {
  const kind = state > 0 ? "well" : state < 0 ? "struggling" : "normal";
  const shape = svg("path", { d: statePath(state), class: `cw-state-${kind}` });
  return svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, shape);
}
