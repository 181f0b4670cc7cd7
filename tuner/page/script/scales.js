// From values to pixels, and the round numbers to label on the way.
import { givenText, numberText } from "./format.js";
import { isGiven } from "./quantities.js";

const FEW = 8; // values that are labelled themselves

/** An axis over numbers. `domain` is [low, high]; where it begins above zero it may be `log`. */
export function numberAxis(domain, options = {}) {
  const { title = "", format = numberText, room = 0 } = options;
  const log = Boolean(options.log) && domain[0] > 0;
  const [low, high] = widen(domain, log, room);
  const to = log ? Math.log10 : (value) => value;
  const [a, b] = [to(low), to(high)];
  return {
    title,
    format,
    share: (value) => (to(value) - a) / (b - a),
    value: (share) => (log ? 10 ** (a + share * (b - a)) : a + share * (b - a)),
    ticks: (count) => (log ? logTicks(low, high, count) : roundTicks(low, high, count)),
    has: (value) => value !== null && value !== undefined && (!log || value > 0),
    within: (range) => numberAxis(range, { ...options, room: 0 }),
  };
}

/** An axis over whole numbers: no tick stands between two of them. */
export function countAxis(domain, title) {
  const axis = numberAxis(domain, { title });
  const ticks = (count) => axis.ticks(count).filter(Number.isInteger);
  return { ...axis, ticks, within: (range) => countAxis(range, title) };
}

const TIMES = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** An axis over seconds, labelled at whole minutes or hours. */
export function timeAxis(domain, title) {
  const axis = numberAxis(domain, { title });
  const [low, high] = widen(domain, false);
  const ticks = (count) => {
    const step = TIMES.find((one) => (high - low) / one <= count);
    if (!step || high - low < 3) return axis.ticks(count);
    const first = Math.ceil(low / step);
    return Array.from(
      { length: Math.floor(high / step) - first + 1 },
      (_, i) => (first + i) * step,
    );
  };
  return { ...axis, ticks, format: shortTime, within: (range) => timeAxis(range, title) };
}

/** `90 s`, `5 min`, `1:30 h`: as short as an axis needs it. */
function shortTime(seconds) {
  if (seconds === 0) return "0";
  if (seconds < 120 && seconds % 60) return `${numberText(seconds, 3)} s`;
  if (seconds < 7200 && seconds % 3600) return `${numberText(seconds / 60, 3)} min`;
  const minutes = Math.round(seconds / 60) % 60;
  const hours = Math.floor(Math.round(seconds / 60) / 60);
  return minutes ? `${hours}:${String(minutes).padStart(2, "0")} h` : `${hours} h`;
}

/** An axis over choices, each with a band of its own. */
export function choiceAxis(choices, { title = "", format = String } = {}) {
  const places = new Map(choices.map((choice, index) => [choice, (index + 0.5) / choices.length]));
  return {
    title,
    format,
    choices,
    band: 1 / choices.length,
    share: (choice) => places.get(choice) ?? 0,
    value: (share) => choices[Math.min(choices.length - 1, Math.floor(share * choices.length))],
    ticks: () => choices,
    has: (value) => places.has(value),
  };
}

/** The least and the greatest of some values, missing ones left out; null if there are none. */
export function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || value === undefined) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/**
 * A domain for an axis: all of the values, but one that lies far out does not press the others
 * together: it is outside beyond `reach` times the width
 * of the `middle`, a share of them. `also` must be inside.
 */
export function robustDomain(values, { also = [], log = false, reach = 4, middle = 0.8 } = {}) {
  const known = values.filter(
    (value) => value !== null && value !== undefined && (!log || value > 0),
  );
  known.sort((a, b) => a - b);
  if (!known.length) return extent(also) ?? [0, 1];
  const at = (share) => known[Math.round(share * (known.length - 1))];
  const [least, most] = [at((1 - middle) / 2), at((1 + middle) / 2)];
  const far = reach * Math.max(most - least, 1e-9);
  const low = Math.max(known[0], least - far);
  const high = Math.min(known.at(-1), most + far);
  const [a, b] = extent([low, high, ...also]);
  const room = log ? 0 : (b - a) * 0.04;
  return [a - room, b + room];
}

/**
 * The axis that suits a quantity's values over some trials; null where there are none. A setting
 * that is null in some is one of choices, unless its numbers are so many that they come of a range.
 */
export function axisFor(of, trials, options = {}) {
  const given = trials.filter((trial) => isGiven(of, trial)).map((trial) => of.value(trial));
  const values = given.filter((value) => value !== null);
  if (!values.length) return null;
  const title = of.unit ? `${of.label}, ${of.unit}` : of.label;
  const whole = values.length === given.length || new Set(values).size > FEW;
  if (whole && values.every((value) => typeof value === "number")) {
    const [low, high] = options.domain ?? extent(values);
    const log = low > 0 && high / low > 30;
    const axis = numberAxis([low, high], { title, log, ...options });
    return options.domain ? axis : { ...axis, ticks: ticksAt(values, axis) };
  }
  const texts = [...new Set(given.map((value) => givenText(value)))];
  texts.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return choiceAxis(texts, { title });
}

/** Few values that lie apart are labelled themselves; of many, round numbers between them. */
function ticksAt(values, axis) {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const apart = (value, index) =>
    index === 0 || axis.share(value) - axis.share(distinct[index - 1]) > 0.09;
  return distinct.length <= FEW && distinct.every(apart) ? () => distinct : axis.ticks;
}

/** A trial's place on such an axis: a number, or a choice's text; null where it has none. */
export function placeOn(axis, of, trial) {
  if (!isGiven(of, trial)) return null;
  const value = of.value(trial);
  return axis.choices ? givenText(value) : value;
}

const EQUAL = 1e-9; // a share: numbers that are closer differ by rounding only

/** A domain that is not empty, with some room (a share of it) at both ends. */
function widen([low, high], log, room = 0) {
  if (high - low <= EQUAL * Math.max(Math.abs(low), Math.abs(high))) {
    const around = Math.abs(low || 1) / 10;
    return log ? [low / 2, high * 2] : [low - around, high + around];
  }
  if (!log) return [low - (high - low) * room, high + (high - low) * room];
  const factor = (high / low) ** room;
  return [low / factor, high * factor];
}

function roundTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, 5, 10].map((times) => times * power);
  const step = steps.find((one) => (high - low) / one <= count * 1.4);
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** The most of 1, 2, 5, of 1, 3 or of 1 in every decade, or every second …, that find room. */
function logTicks(low, high, count) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const ways = [
    [[1, 2, 5], 1],
    [[1, 3], 1],
  ];
  for (let every = 1; every <= Math.max(1, last - first); every += 1) ways.push([[1], every]);
  for (const [within, every] of ways) {
    const found = [];
    for (let power = Math.ceil(first / every) * every; power <= last; power += every) {
      for (const times of within) found.push(Number((times * 10 ** power).toPrecision(6)));
    }
    const inside = found.filter((value) => value >= low && value <= high);
    if (inside.length < 2) break;
    if (inside.length <= count * 1.4) return inside;
  }
  return roundTicks(low, high, count).filter((value) => value > 0);
}
