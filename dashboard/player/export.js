/** A chart as a file of its own: SVG with its styles inside, or PNG. */

const STYLES = [
  ..."fill fill-opacity stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin".split(" "),
  ..."opacity display font-family font-size font-weight text-anchor".split(" "),
];
const OF_PLAYBACK = ".cw-veil, .cw-cursor, .cw-dots"; // they belong to the screen, not to the chart
const PNG_SCALE = 3;

function inlineStyles(from, to) {
  const computed = getComputedStyle(from);
  const style = STYLES.map((name) => `${name}:${computed.getPropertyValue(name)}`).join(";");
  to.setAttribute("style", style);
  to.removeAttribute("class");
  for (let i = 0; i < from.children.length; i += 1) inlineStyles(from.children[i], to.children[i]);
}

/** Colour of the first ancestor that has one. */
function groundOf(node) {
  for (let at = node.parentElement; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)" && colour !== "transparent") return colour;
  }
  return "white";
}

/** The drawing as the text of a stand-alone SVG file. @param {SVGSVGElement} drawing */
export function standAlone(drawing) {
  const { width, height } = drawing.viewBox.baseVal;
  const copy = drawing.cloneNode(true);
  const dropped = copy.querySelectorAll(OF_PLAYBACK);
  inlineStyles(drawing, copy);
  for (const node of dropped) node.remove();
  for (const node of copy.querySelectorAll("[clip-path]")) node.removeAttribute("clip-path");
  for (const node of copy.querySelectorAll("defs")) node.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.removeAttribute("style");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", width);
  ground.setAttribute("height", height);
  ground.setAttribute("fill", groundOf(drawing));
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

function download(blob, fileName) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Save as `name`.svg. */
export function saveSvg(drawing, name) {
  const parts = ['<?xml version="1.0" encoding="UTF-8"?>\n', standAlone(drawing)];
  download(new Blob(parts, { type: "image/svg+xml" }), `${name}.svg`);
}

/** Save as `name`.png, at three pixels per unit. */
export async function savePng(drawing, name) {
  const { width, height } = drawing.viewBox.baseVal;
  const image = new Image();
  const loaded = new Promise((done, failed) => {
    image.onload = done; // decode() waits for a frame, which a page that stands still may never draw
    image.onerror = failed;
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standAlone(drawing))}`;
  await loaded;
  const canvas = document.createElement("canvas");
  canvas.width = width * PNG_SCALE;
  canvas.height = height * PNG_SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && download(blob, `${name}.png`), "image/png");
}
