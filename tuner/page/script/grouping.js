// Trials that have something in common, and what they reach together: by any setting or fact.
import { numberText } from "./format.js";
import { compareValues, isGiven, quantity } from "./quantities.js";

const MOST = 8; // values beyond which numbers are put into ranges
const RANGES = 4;

/** The groups of trials by the quantity of this id: [{name, value, trials}], in order of value. */
export function groupsOf(id, trials, study) {
  const of = quantity(id, study);
  const valued = trials.map((trial) => [of.value(trial), trial]);
  const known = valued.filter(([value]) => value !== null && value !== undefined);
  const distinct = new Set(known.map(([value]) => of.text(value)));
  const numeric = known.every(([value]) => typeof value === "number");
  const name = numeric && distinct.size > MOST ? ranges(known.map(([value]) => value)) : null;
  const groups = new Map();
  for (const [value, trial] of valued) {
    const ranged = value !== null && name?.(value);
    const text = isGiven(of, trial) ? ranged || of.text(value, trial) : "–";
    const group = groups.get(text) ?? { name: text, value: value ?? null, trials: [] };
    group.trials.push(trial);
    groups.set(text, group);
  }
  return [...groups.values()].sort((a, b) => compareValues(a.value, b.value));
}

/** Ranges with about as many values each: value -> `0.001 to 0.01`. */
function ranges(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const bounds = Array.from(
    { length: RANGES + 1 },
    (_, step) => sorted[Math.round((step / RANGES) * (sorted.length - 1))],
  );
  return (value) => {
    let at = 0;
    while (at < RANGES - 1 && value > bounds[at + 1]) at += 1;
    return `${numberText(bounds[at], 3)} to ${numberText(bounds[at + 1], 3)}`;
  };
}

/** Mean, standard deviation (of at least two), least, greatest and count; null of no values. */
export function summed(values) {
  const known = values.filter((value) => typeof value === "number");
  if (!known.length) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : null;
  return {
    mean,
    deviation,
    low: Math.min(...known),
    high: Math.max(...known),
    count: known.length,
  };
}

/** Rows {x, mean, low, high} of curves of [x, y]: a deviation around the mean of those that reach x. */
export function meanBand(curves) {
  const at = new Map();
  for (const pairs of curves) {
    for (const [x, y] of pairs) {
      if (!at.has(x)) at.set(x, []);
      at.get(x).push(y);
    }
  }
  return [...at]
    .sort((a, b) => a[0] - b[0])
    .map(([x, values]) => {
      const { mean, deviation } = summed(values);
      return { x, mean, low: mean - (deviation ?? 0), high: mean + (deviation ?? 0) };
    });
}
