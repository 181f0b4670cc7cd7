// The middle and the spread of many curves: at every x, quantiles over the curves that reach it.

const STEPS = 60;

/** Rows {x, p10, p25, p50, p75, p90} over curves of [x, y] pairs sorted by x. */
export function bands(curves) {
  const xs = places(curves);
  const found = [];
  const at = curves.map(() => 0);
  for (const x of xs) {
    const values = [];
    curves.forEach((pairs, index) => {
      if (!pairs.length || pairs.at(-1)[0] < x || pairs[0][0] > x) return;
      while (at[index] + 1 < pairs.length && pairs[at[index] + 1][0] <= x) at[index] += 1;
      values.push(pairs[at[index]][1]);
    });
    if (!values.length) continue;
    values.sort((a, b) => a - b);
    const quantile = (share) => values[Math.round(share * (values.length - 1))];
    found.push({
      x,
      p10: quantile(0.1),
      p25: quantile(0.25),
      p50: quantile(0.5),
      p75: quantile(0.75),
      p90: quantile(0.9),
    });
  }
  return found;
}

/** The x of all curves where they share few (epochs), else even steps (seconds). */
function places(curves) {
  const all = new Set();
  for (const pairs of curves) {
    for (const [x] of pairs) all.add(x);
    if (all.size > 4 * STEPS) break;
  }
  if (all.size <= 4 * STEPS) return [...all].sort((a, b) => a - b);
  let [low, high] = [Infinity, -Infinity];
  for (const pairs of curves) {
    if (!pairs.length) continue;
    low = Math.min(low, pairs[0][0]);
    high = Math.max(high, pairs.at(-1)[0]);
  }
  return Array.from({ length: STEPS + 1 }, (_, step) => low + ((high - low) * step) / STEPS);
}
