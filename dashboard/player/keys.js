/** Keys of the player; they rest while somebody types, and leave a control its own keys. */

export const KEYS = [
  ["Space", "play or pause"],
  ["Left, Right", "a step back, a step on"],
  ["Shift + Left, Right", "a day back, a day on"],
  ["Home, End", "first step, last step"],
  ["[ and ]", "slower, faster"],
  ["B", "baseline beside optimized"],
  ["F", "full screen"],
  ["Tab", "from home to home and arrow to arrow, with all figures"],
  ["Escape", "close figures or this help"],
  ["?", "this help"],
];

const TYPES_IN = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select";
const USES_SPACE = "button, summary, a, input[type=checkbox], input[type=radio]";
const USES_ARROWS = "input[type=range], input[type=radio], [role=tab], [role=menuitem], [role=slider]";
const ARROWS = ["ArrowLeft", "ArrowRight", "Home", "End"];

function isTaken(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPES_IN) || target.closest("dialog, [role=dialog]")) return true;
  if (target.isContentEditable) return true;
  if (key === " " && target.closest(USES_SPACE)) return true;
  return ARROWS.includes(key) && target.closest(USES_ARROWS) !== null;
}

/** What a key asks for, or undefined. */
function actionOf({ key, shiftKey }, actions) {
  const sideways = (direction) => (shiftKey ? actions.day(direction) : actions.step(direction));
  const table = {
    " ": actions.toggle,
    ArrowLeft: () => sideways(-1),
    ArrowRight: () => sideways(1),
    Home: actions.first,
    End: actions.newest,
    "[": () => actions.faster(-1),
    "]": () => actions.faster(1),
    b: actions.beside,
    f: actions.full,
    "?": actions.help,
  };
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * Listen to the keys of the page while the player can be seen.
 * @param {HTMLElement} root
 * @param {Object} actions as of the controls, and `escape`, which says whether it closed something
 * @returns {Function} stops listening
 */
export function listen(root, actions) {
  const onKey = (event) => {
    if (!root.checkVisibility() || isTaken(event)) return;
    if (event.key === "Escape") {
      actions.escape();
      return;
    }
    const action = actionOf(event, actions);
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
