// What one reads stays where it is when trials come and change places meanwhile.

/**
 * Where a list is scrolled to (`at`, in pixels), so that the same entry stays at its beginning.
 * `ids` are its entries, each so many pixels long; `version` of the data and `choices` of the
 * reader say what has changed: a choice may well move everything. The very beginning stays.
 */
export function anchored(kept, { ids, size, at, version, choices }) {
  const moved = kept.version !== undefined && kept.version !== version && kept.choices === choices;
  const index = moved && at > 0 ? ids.indexOf(kept.first) : -1;
  const found = index < 0 ? at : index * size + (at % size);
  Object.assign(kept, { version, choices, first: ids[Math.floor(found / size)] });
  return found;
}
