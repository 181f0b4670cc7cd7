// What a chart of curves says under the pointer and the keyboard.
import { nearest } from "./drawing.js";
import { unitText } from "./format.js";

const NAMED = 9; // values that the crosshair names

/** The trial and [x, value] at a point: of every series what is nearest in x, then what is in y. */
export function pickOn(series, at, frame) {
  return nearest(candidates(series, at, frame), at, 24);
}

function* candidates(series, at, frame) {
  for (const curve of series) {
    const pair = nearestPair(curve.points, at.x, frame);
    yield [frame.x(pair[0]), frame.y(pair[1]), { trial: curve.trial, pair }];
  }
}

function nearestPair(pairs, x, frame) {
  const away = (pair) => Math.abs(frame.x(pair[0]) - x);
  return pairs.reduce((best, pair) => (away(pair) < away(best) ? pair : best), pairs[0]);
}

/** All values at the place of the pointer: the coloured trials', and that of the lit one. */
export function crosshair(at, frame, lit, { series, x, column, selection }) {
  const named = series.filter((curve) => curve.slot !== null || curve.trial === lit);
  const pairs = named.map((one) => ({ one, pair: nearestPair(one.points, at.x, frame) }));
  if (!pairs.length) return null;
  const away = ({ pair }) => Math.abs(frame.x(pair[0]) - at.x);
  const place = pairs.reduce((best, one) => (away(one) < away(best) ? one : best)).pair[0];
  const reached = pairs.filter(({ pair }) => Math.abs(frame.x(pair[0]) - frame.x(place)) < 6);
  const sign = column?.less ? 1 : -1;
  const rows = reached
    .sort((a, b) => sign * (a.pair[1] - b.pair[1]))
    .filter(({ one }, index) => index < NAMED || one.trial === lit)
    .map(({ one, pair }) => ({
      slot: one.slot,
      name: selection.label(one.trial),
      // beside the line a trial may have its value a little earlier or later
      text: unitText(column, pair[1]) + (pair[0] === place ? "" : ` at ${x.text(pair[0])}`),
      lit: one.trial === lit,
    }));
  return { x: frame.x(place), title: x.text(place), rows };
}

export function groupCross(groups, at, frame, { x, column }) {
  const places = groups.flatMap((group) => group.rows.map((row) => row.x));
  if (!places.length) return null;
  const away = (place) => Math.abs(frame.x(place) - at.x);
  const place = places.reduce((best, one) => (away(one) < away(best) ? one : best));
  const rows = groups.flatMap(({ slot, name, rows: own, count }) => {
    const row = own.find((row) => row.x === place);
    return row ? [{ slot, name: `${name} (${count})`, text: unitText(column, row.mean) }] : [];
  });
  return { x: frame.x(place), title: x.text(place), rows };
}

export function describe({ trial, pair }, { x, name, selection }) {
  return [
    selection.label(trial),
    `${x.text(pair[0])}: ${unitText(trial.study.columns[name], pair[1])}`,
    trial.state,
  ];
}
