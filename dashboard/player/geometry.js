/** Where things stand in the network: homes on a ring, curves between them, labels that keep apart. */

const PARTS = 1440; // of the ellipse, to measure along it
const FULL_HEIGHT = 800; // units of the drawing, where there is room
const ROOMY_PX = 470;
const LOW_SCALE = 0.72; // px per unit where there is less: smaller rings, letters that can still be read
const SHAPE = { least: 1.1, most: 2, mostLow: 3.2 };
const OTHERS_SHARE = 2; // of the ring: their name is longer
const SIZES = [
  // needs so much of the ring for a home: radius, lines of text and their pitch, room around the ring
  { apart: 160, size: "large", radius: 40, lines: 3, pitch: 22, above: 120, below: 118, side: 88 },
  { apart: 98, size: "medium", radius: 25, lines: 3, pitch: 17, above: 96, below: 92, side: 66 },
  { apart: 0, size: "small", radius: 16, lines: 2, pitch: 14, above: 66, below: 66, side: 62 },
];
const LOW_SIZES = [
  { apart: 156, size: "large", radius: 24, lines: 2, pitch: 18, above: 76, below: 76, side: 84 },
  { apart: 98, size: "medium", radius: 18, lines: 3, pitch: 16, above: 80, below: 80, side: 62 },
  { apart: 62, size: "small", radius: 13, lines: 2, pitch: 14, above: 54, below: 54, side: 52 },
  { apart: 0, size: "small", radius: 12, lines: 1, pitch: 14, above: 48, below: 44, side: 46 },
];
const HUB = { most: 104, mostLow: 92, least: 46, clear: 62 }; // radius, and room for arrows around it

/**
 * The room of a drawing on so many pixels, in its own units.
 * @returns {{width: number, height: number, low: boolean}}
 */
export function viewOn(widthPx, heightPx) {
  const low = heightPx < ROOMY_PX;
  const height = low ? Math.max(240, Math.round(heightPx / LOW_SCALE)) : FULL_HEIGHT;
  const most = low ? SHAPE.mostLow : SHAPE.most;
  const shape = Math.min(most, Math.max(SHAPE.least, widthPx / Math.max(1, heightPx)));
  return { width: Math.round(height * shape), height, low };
}

/**
 * Places of rows, evenly along an ellipse, from the top clockwise; the roomiest size that fits.
 * @param {{id: ?number}[]} homes
 * @returns {Object} size, radius, lines and pitch of a home, centre and radius of the hub, places {x, y}
 */
export function placesOf(homes, view) {
  const shares = homes.map(({ id }) => (id === null ? OTHERS_SHARE : 1));
  const total = shares.reduce((all, share) => all + share, 0);
  for (const each of view.low ? LOW_SIZES : SIZES) {
    const { above, below, side, apart, ...found } = each;
    const reach = { x: view.width / 2 - side, y: (view.height - above - below) / 2 };
    const most = Math.min(view.low ? HUB.mostLow : HUB.most, reach.y - found.radius - HUB.clear);
    const radius = Math.max(HUB.least, most);
    const centre = { x: view.width / 2, y: above + reach.y, radius };
    const at = (angle) => ({
      x: centre.x + reach.x * Math.sin(angle),
      y: centre.y - reach.y * Math.cos(angle),
    });
    const lengths = lengthsOf(at);
    if (lengths[PARTS] / total < apart) continue;
    return { ...found, hub: radius, centre, places: evenAngles(shares, total, lengths).map(at) };
  }
  throw new Error("The last size fits any number of homes.");
}

/** Lengths of the curve up to each of its parts. */
function lengthsOf(at) {
  const lengths = [0];
  for (let i = 1; i <= PARTS; i += 1) {
    const [a, b] = [at((2 * Math.PI * (i - 1)) / PARTS), at((2 * Math.PI * i) / PARTS)];
    lengths.push(lengths[i - 1] + Math.hypot(b.x - a.x, b.y - a.y));
  }
  return lengths;
}

/** Angles in the middle of shares of the curve, the first share's at the top. */
function evenAngles(shares, total, lengths) {
  const angles = [];
  let gone = 0;
  for (let i = 0, part = 0; i < shares.length; i += 1) {
    while (lengths[part] < (lengths[PARTS] * gone) / total) part += 1;
    angles.push((2 * Math.PI * part) / PARTS);
    gone += (shares[i] + (shares[i + 1] ?? 0)) / 2;
  }
  return angles;
}

const towards = (from, to, distance) => {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: from.x + ((to.x - from.x) * distance) / length,
    y: from.y + ((to.y - from.y) * distance) / length,
  };
};

/** Control point of the curve between two homes: bent to the middle, but around the grid. */
function bend(from, to, centre) {
  const middle = { x: (from.x + to.x) / 2 - centre.x, y: (from.y + to.y) / 2 - centre.y };
  const across = { x: -(to.y - from.y), y: to.x - from.x };
  const length = Math.hypot(across.x, across.y) || 1;
  const away = Math.hypot(middle.x, middle.y);
  const least = centre.radius + 34; // how near the middle of the curve may come to the centre
  const reach = Math.hypot(from.x - centre.x, from.y - centre.y) || 1;
  const share = 0.45 + 0.35 * Math.max(0, 1 - length / (1.2 * reach)); // neighbours bend less
  const pulled = { x: middle.x * share, y: middle.y * share };
  const nearest = (away + Math.hypot(pulled.x, pulled.y)) / 2;
  if (nearest >= least) return { x: centre.x + pulled.x, y: centre.y + pulled.y };
  const side = middle.x * across.x + middle.y * across.y >= 0 ? 1 : -1;
  const push = 2 * Math.sqrt(Math.max(0, least ** 2 - (0.5 * away) ** 2));
  return {
    x: centre.x + middle.x * 0.5 + (side * push * across.x) / length,
    y: centre.y + middle.y * 0.5 + (side * push * across.y) / length,
  };
}

/**
 * A curve from edge to edge that ends where its head begins.
 * @returns {{from: Object, control: Object, to: Object, tip: Object}}
 */
export function curveBetween(start, end, centre, headLength) {
  const control = bend(start, end, centre);
  const from = towards(start, control, start.radius + 5);
  const tip = towards(end, control, end.radius + 5);
  return { from, control, to: towards(tip, control, headLength * 0.8), tip };
}

/** A straight line, `shift` to the side so that two ways do not cover each other. */
export function lineBetween(start, end, shift, headLength) {
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const side = { x: (-(end.y - start.y) / length) * shift, y: ((end.x - start.x) / length) * shift };
  const moved = (point) => ({ x: point.x + side.x, y: point.y + side.y });
  const from = towards(moved(start), moved(end), start.radius + 5);
  const tip = towards(moved(end), moved(start), end.radius + 5);
  const to = towards(tip, from, headLength * 0.8);
  return { from, control: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }, to, tip };
}

const round = (value) => Math.round(value * 10) / 10;

/** The curve as path data. */
export function curvePath({ from, control, to }) {
  const points = [from, control, to].flatMap(({ x, y }) => [round(x), round(y)]);
  return `M${points[0]} ${points[1]}Q${points[2]} ${points[3]} ${points[4]} ${points[5]}`;
}

/** The head of an arrow as path data: it points from the control to the tip. */
export function headPath({ control, tip }, length, width) {
  const base = towards(tip, control, length);
  const [x, y] = [(tip.x - base.x) / length, (tip.y - base.y) / length];
  const corners = [tip, { x: base.x - (y * width) / 2, y: base.y + (x * width) / 2 }];
  corners.push({ x: base.x + (y * width) / 2, y: base.y - (x * width) / 2 });
  return `M${corners.map((corner) => `${round(corner.x)} ${round(corner.y)}`).join("L")}Z`;
}

/** A point of the curve, 0 its start and 1 its end. */
export function pointOn({ from, control, to }, share) {
  const [a, b, c] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
  return {
    x: a * from.x + b * control.x + c * to.x,
    y: a * from.y + b * control.y + c * to.y,
  };
}

/** Boxes that are taken; a label gets the first of its places that is free. */
export class Crowd {
  constructor() {
    this.boxes = [];
  }

  /** Take a box around a point. */
  take(x, y, width, height) {
    this.boxes.push([x - width / 2, y - height / 2, x + width / 2, y + height / 2]);
  }

  #isFree(left, top, right, bottom) {
    return this.boxes.every((b) => right <= b[0] || left >= b[2] || bottom <= b[1] || top >= b[3]);
  }

  /** Take the first free one of some points, or none. @returns {?{x: number, y: number}} */
  place(points, width, height) {
    const free = points.find(({ x, y }) =>
      this.#isFree(x - width / 2, y - height / 2, x + width / 2, y + height / 2),
    );
    if (free) this.take(free.x, free.y, width, height);
    return free ?? null;
  }
}
