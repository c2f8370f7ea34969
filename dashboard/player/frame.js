/** The parts of the player, put together in their order. */

import { freshId, html, put, reveal } from "./dom.js";
import { buildHelp } from "./help.js";
import { Tooltip } from "./tooltip.js";

function viewButtons(onView) {
  const views = ["charts", "table"];
  const buttons = views.map((view) => {
    const text = view === "charts" ? "Charts" : "Table";
    const click = () => {
      buttons.forEach((button, i) => put(button, "aria-pressed", views[i] === view));
      onView(view);
    };
    return html("button", { type: "button", class: "cw-tab", text, "aria-pressed": view === "charts", on: { click } });
  });
  return html("div", { class: "cw-tabs", role: "group", "aria-label": "Beside the network" }, ...buttons);
}

/**
 * @param {{headline, controls, charts, table}} parts
 * @returns {{root, stage, empty, help, status, tooltip}}
 */
export function buildFrame({ headline, controls, charts, table }) {
  const panelId = freshId("panel");
  const stage = html("div", { class: "cw-stage" });
  const status = html("p", { class: "cw-status", role: "status" });
  const empty = html("p", { class: "cw-empty-words" });
  const help = buildHelp();
  const onView = (view) => {
    table.reveal(view === "table");
    reveal(charts.grid, view === "charts");
    reveal(charts.chooser, view === "charts");
  };
  const head = html("div", { class: "cw-panel-head" }, viewButtons(onView), charts.chooser);
  const panel = html(
    "section",
    { class: "cw-panel", id: panelId, tabindex: -1, "aria-label": "Charts and tables" },
    head,
    charts.grid,
    table.element,
  );
  const skip = html("button", { type: "button", class: "cw-skip", text: "Skip the network" });
  skip.addEventListener("click", () => panel.focus());
  const layout = html("div", { class: "cw-layout" }, headline.element, skip, stage, empty, panel, controls.element);
  const root = html("section", { class: "cw-player", "aria-label": "Playback of a run" }, layout, status, help);
  return { root, stage, empty, help, status, tooltip: new Tooltip(layout) };
}

/** Fill the screen with an element, or give it back. */
export function toggleFull(root) {
  if (!document.fullscreenEnabled) return;
  const asked = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  asked.catch(() => {}); // a browser may refuse it; nothing is lost
}
