/** Scales, ticks and path data of charts. */

import { timeParts } from "./format.js";

const POINTS_MAX = 1000; // more points than pixels: draw the extremes of each bucket
const TIME_LABELS_MAX = 7;
const HOURS_APART = [1, 2, 3, 6, 12, 24, 48, 72, 96, 168, 336, 720, 1440, 2160];

/** Least and greatest of some lists, null if all are empty. @returns {?number[]} */
export function span(lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const value of list) {
      if (value === null || value === undefined) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : null;
}

/** Round values for an axis that holds a span, and zero unless it is free. */
export function valueTicks(held, free = false) {
  const low = free && held ? held[0] : Math.min(0, held?.[0] ?? 0);
  const high = free && held ? held[1] : Math.max(0, held?.[1] ?? 0);
  const range = high - low || 1;
  const magnitude = 10 ** Math.floor(Math.log10(range / 4));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * magnitude).find((s) => s >= range / 4.2);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const values = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const fine = Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 ? 1 : 0;
  return { low: first * step, high: last * step, values, decimals: decimals + fine };
}

/** Local times of all planned steps; those that a live run has not reached are reckoned. */
function localAt(run, t) {
  const { local, step_minutes: stepMinutes } = run.pack;
  if (t < local.length) return local[t];
  const last = local[local.length - 1];
  const moment = Date.parse(`${last.slice(0, 10)}T${last.slice(11, 16)}Z`);
  const later = new Date(moment + (t - local.length + 1) * stepMinutes * 60_000);
  return later.toISOString().slice(0, 16).replace("T", " ");
}

/** Steps to be labelled: hours of a short run, days of a long one. @returns {{t, text}[]} */
export function timeTicks(run) {
  if (run.stepsCount === 0) return [];
  const hours = run.stepsPlanned * run.hours;
  const apart = HOURS_APART.find((each) => hours / each <= TIME_LABELS_MAX) ?? hours;
  const stepsApart = Math.max(1, Math.round(apart / run.hours));
  const first = timeParts(run.pack.local[0]);
  const [hour, minute] = first.clock.split(":").map(Number);
  const offset = (hour + minute / 60) % Math.min(apart, 24);
  const start = offset === 0 ? 0 : Math.round((Math.min(apart, 24) - offset) / run.hours);
  const ticks = [];
  for (let t = start; t < run.stepsPlanned; t += stepsApart) {
    const { weekday, day, month, clock } = timeParts(localAt(run, t));
    const date = apart > 24 * 4 ? `${day} ${month.slice(0, 3)}` : `${weekday.slice(0, 3)} ${day}`;
    ticks.push({ t, text: apart >= 24 ? date : clock });
  }
  return ticks;
}

/** Steps to be drawn: all, or of each bucket the least and the greatest. @returns {number[]} */
function pointsOf(values) {
  if (values.length <= POINTS_MAX) return values.map((_, t) => t);
  const size = Math.ceil((2 * values.length) / POINTS_MAX);
  const chosen = [];
  for (let start = 0; start < values.length; start += size) {
    let [low, high] = [start, start];
    for (let t = start; t < Math.min(start + size, values.length); t += 1) {
      if (values[t] === null) continue;
      if (values[low] === null || values[t] < values[low]) low = t;
      if (values[high] === null || values[t] > values[high]) high = t;
    }
    chosen.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]));
  }
  return chosen;
}

/** A line with a gap wherever a value is missing; `steps` for what changes at once, as a tariff. */
export function linePath(values, x, y, steps = false) {
  let path = "";
  let open = false;
  let lone = false;
  for (const t of pointsOf(values)) {
    const value = values[t] ?? null;
    if (value === null) {
      path += lone ? "h0" : "";
      open = false;
      lone = false;
      continue;
    }
    const [px, py] = [x(t).toFixed(1), y(value).toFixed(1)];
    if (open) path += steps ? `H${px}V${py}` : `L${px} ${py}`;
    else path += `M${px} ${py}`;
    lone = !open;
    open = true;
  }
  return path + (lone ? "h0" : ""); // a round dot for a value between two gaps
}

/** The area between two lines; steps without values are left out. */
export function areaPath(low, high, x, y) {
  const known = (list) => pointsOf(list).filter((t) => list[t] !== null);
  const point = (list) => (t) => `${x(t).toFixed(1)} ${y(list[t]).toFixed(1)}`;
  const top = known(high).map(point(high));
  const bottom = known(low).map(point(low)).reverse();
  return top.length ? `M${[...top, ...bottom].join("L")}Z` : "";
}
