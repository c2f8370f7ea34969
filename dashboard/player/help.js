/** The help: a real dialog with the keys and what the figures mean. */

import { freshId, html } from "./dom.js";
import { KEYS } from "./keys.js";

const MEANINGS = [
  [
    "Saved so far",
    "What the reference has cost all homes up to this step, less what the optimized community has. A fuller battery counts as money not spent.",
  ],
  [
    "Homes",
    "Doing well, normal and struggling are thirds of the homes by their gain on their own baseline. The ring is the battery. The small number is the score, how ready a home is to trade; G is a GREEN light, enough in store, R a RED one, too little.",
  ],
  [
    "Arrows",
    "Energy of one step: the wider the more, and the faster its dashes the higher the power. Purple and short dashes: between homes. Red and long dashes: bought from the grid. Green and dotted: sold to it.",
  ],
  [
    "Bands",
    "Mean over all homes and one standard deviation either way; n homes have a figure. Homes that are drawn as others count one by one.",
  ],
];

function list(entries) {
  const pairs = entries.flatMap(([name, text]) => [html("dt", { text: name }), html("dd", { text })]);
  return html("dl", {}, ...pairs);
}

/** @returns {HTMLDialogElement} */
export function buildHelp() {
  const title = html("h2", { text: "Keys and signs", id: freshId("help") });
  const close = html("button", { type: "submit", class: "cw-button", text: "Close", autofocus: true });
  const dialog = html(
    "dialog",
    { class: "cw-help", "aria-labelledby": title.id },
    html("form", { method: "dialog" }, html("div", { class: "cw-help-head" }, title, close)),
    html("div", { class: "cw-help-body" }, list(KEYS), list(MEANINGS)),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}
