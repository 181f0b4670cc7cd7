// What was worked out once need not be worked out again for every frame.

const kept = new Map();

/** The value made under this name, made anew only when `stamp` differs from the last time. */
export function remember(name, stamp, make) {
  const known = kept.get(name);
  if (known && known.stamp === stamp) return known.value;
  const value = make();
  kept.set(name, { stamp, value });
  return value;
}
