/** Numbers, times and names as people read them; the same in every browser language. */

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  ..."January February March April May June July August September October November December".split(" "),
];
const ARM_NAMES = {
  grid_only: "grid only",
  self_use: "self-use",
  time_of_use: "time of use",
  plan_alone: "planning alone",
  market: "market",
  market_perfect: "market, perfect forecast",
};
const STATE_NAMES = { "1": "doing well", "0": "normal", "-1": "struggling" };
const LIGHT_NAMES = { "1": "GREEN", "0": "none", "-1": "RED" };
const MINUS = "\u2212";
const NOTHING = "\u2013";

/** A number with so many decimals, groups of three and a true minus; a dash for none. */
export function fixed(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
  const negative = value < 0 && /[1-9]/.test(digits);
  return negative ? MINUS + digits : digits;
}

/** Energy [kWh] to three decimals, as in tables. */
export function energy(kwh) {
  return kwh === null ? NOTHING : `${fixed(kwh, 3)} kWh`;
}

/** Energy [kWh] in few digits, as beside an arrow. */
export function shortEnergy(kwh) {
  const size = Math.abs(kwh);
  return fixed(kwh, size < 99.95 ? (size < 9.995 ? 2 : 1) : 0);
}

/** Energy [kWh] bought and sold, each with its sign unless it is nothing. */
export function signedPair(bought, sold, decimals) {
  const signed = (sign, kwh) => (Number(kwh.toFixed(decimals)) > 0 ? sign : "") + fixed(kwh, decimals);
  return `${signed("+", bought)}/${signed(MINUS, sold)}`;
}

/** Power [kW] to one decimal. */
export function power(kw) {
  return `${fixed(kw, 1)} kW`;
}

/** Money [USD] with cents. */
export function dollars(usd) {
  const text = fixed(usd, 2);
  if (text === NOTHING) return text;
  return text.startsWith(MINUS) ? `${MINUS}$${text.slice(1)}` : `$${text}`;
}

/** A price [cents/kWh]. */
export function price(cents) {
  return cents === null || cents === undefined ? NOTHING : `${fixed(cents, 2)} ct/kWh`;
}

/** A fraction as percent. */
export function percent(fraction, decimals = 0) {
  const text = fixed(fraction === null ? null : 100 * fraction, decimals);
  return text === NOTHING ? text : `${text}%`;
}

/** The parts of a local time such as "2017-07-01 17:00", or "2017-11-05 01:00 (2nd)". */
export function timeParts(local) {
  const [date, ...rest] = local.split(/[ T]/);
  const clock = rest.join(" ");
  const [year, month, day] = date.split("-").map(Number);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const name = MONTHS[month - 1];
  return { date, clock, year, month: name, day, weekday };
}

/** "Saturday 1 July 2017". */
export function longDate(local) {
  const { weekday, day, month, year } = timeParts(local);
  return `${weekday} ${day} ${month} ${year}`;
}

/** "Sat 1 Jul 17:00". */
export function shortTime(local) {
  const { weekday, day, month, clock } = timeParts(local);
  return `${weekday.slice(0, 3)} ${day} ${month.slice(0, 3)} ${clock}`;
}

/** What an arm of the comparison is called. */
export function armName(arm) {
  return Object.hasOwn(ARM_NAMES, arm) ? ARM_NAMES[arm] : String(arm).replaceAll("_", " ");
}

/** What a row is called: a home by its number, the sum of the small ones by their count. */
export function homeName(home) {
  return home.id === null ? `${home.members_count} others` : `Home ${home.id}`;
}

/** A state (1, 0, -1) in words. */
export function stateName(state) {
  return STATE_NAMES[String(state)] ?? STATE_NAMES["0"];
}

/** A signal light (1, 0, -1) in words. */
export function lightName(light) {
  return LIGHT_NAMES[String(light)] ?? LIGHT_NAMES["0"];
}
