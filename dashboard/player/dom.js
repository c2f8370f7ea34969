/** Building elements, and changing them only when something changes. Data enters as text, never as markup. */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Set attributes; `text` is content, `on` a table of listeners, true an empty attribute.
 * @param {Element} node
 * @param {Object} attributes
 */
function dress(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else node.setAttribute(name, value === true ? "" : value);
  }
}

/** An HTML element. @returns {HTMLElement} */
export function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  dress(node, attributes);
  node.append(...children);
  return node;
}

/** An SVG element. @returns {SVGElement} */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  dress(node, attributes);
  node.append(...children);
  return node;
}

/** Set an attribute unless it has that value already: an idle write still costs a style pass. */
export function put(node, name, value) {
  const known = (node.cwKnown ??= {});
  const text = String(value);
  if (known[name] === text) return;
  known[name] = text;
  node.setAttribute(name, text);
}

/** Set the text unless it is there already. */
export function say(node, text) {
  if (node.cwText === text) return;
  node.cwText = text;
  node.textContent = text;
}

/** Show or hide, by the attribute `hidden` in HTML and `display` in SVG. */
export function reveal(node, shown) {
  if (node.cwShown === shown) return;
  node.cwShown = shown;
  if (node instanceof SVGElement) node.setAttribute("display", shown ? "inline" : "none");
  else node.hidden = !shown;
}

let lastNumber = 0;

/** A name that no other element of the page has. */
export function freshId(stem) {
  lastNumber += 1;
  return `cw-${stem}-${lastNumber}`;
}
