// Names at the right of a chart: of the curves that end there, and of the levels that trials are
// compared with. Each stands as near to its height as fits; none covers another.
import { line, shorten, shortenMiddle } from "./drawing.js";
import { metricText, visible } from "./format.js";
import { colour, slotColour } from "./marks.js";

const FONT = "11px system-ui, sans-serif";
const STEP = 12.5; // pixels from one line of text to the next
const SIGN = 18; // pixels for the gap and the sign before a text
const SHARE = 0.3; // of a chart's width, at the most

/** How much room some names need, as a chart asks for it: `right(context, width)`. */
export function roomBeside(names) {
  return (context, width) => {
    if (!names.length) return 0;
    context.save();
    context.font = FONT;
    const widest = Math.max(...names.map(({ text }) => context.measureText(text).width));
    context.restore();
    return Math.ceil(Math.min(SIGN + widest, SHARE * width));
  };
}

/**
 * Write `names` ({text, value, slot}) at the heights of their values, those without a `slot` as
 * levels; what is out of sight has no name. Where all are too many, the first ones are written.
 */
export function drawBeside(context, frame, names) {
  const [top, bottom] = [frame.top, frame.top + frame.height];
  const inSight = names
    .map((name) => ({ ...name, y: frame.y(name.value) }))
    .filter(({ y }) => y >= top - 4 && y <= bottom + 4)
    .slice(0, Math.floor((bottom - top + 12) / STEP) + 1)
    .sort((a, b) => a.y - b.y);
  const heights = spreadOut(
    inSight.map(({ y }) => y),
    { least: top - 6, most: bottom + 6, step: STEP },
  );
  const x = frame.left + frame.width + 8;
  const room = frame.outer.width - x - 10;
  context.save();
  context.font = FONT;
  context.textAlign = "left";
  context.textBaseline = "middle";
  inSight.forEach(({ text, slot }, index) => {
    const isLevel = slot === undefined;
    context.fillStyle = isLevel ? colour("--text") : slotColour(slot);
    if (isLevel) drawDots(context, x, heights[index]);
    else context.fillRect(x, heights[index] - 1, 7, 2.5);
    context.fillStyle = colour("--text");
    const shown = isLevel ? shorten(context, text, room) : shortenMiddle(context, text, room);
    context.fillText(shown, x + 10, heights[index]);
  });
  context.restore();
}

function drawDots(context, x, y) {
  for (const at of [0, 3, 6]) context.fillRect(x + at, y - 0.5, 1.5, 1.5);
}

/** Heights in order, as near to those wanted (in order, too) as lets them be `step` apart. */
export function spreadOut(wanted, { least, most, step }) {
  const topOf = ({ sum, count }) => {
    const long = (count - 1) * step;
    return Math.max(least, Math.min(most - long, sum / count - long / 2));
  };
  const groups = []; // of texts that touch each other, around the mean of what they want
  for (const one of wanted) {
    let group = { sum: one, count: 1 };
    for (let last = groups.at(-1); last; last = groups.at(-1)) {
      if (topOf(last) + last.count * step <= topOf(group)) break;
      group = { sum: last.sum + group.sum, count: last.count + group.count };
      groups.pop();
    }
    groups.push(group);
  }
  return groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, index) => topOf(group) + index * step),
  );
}

/** Dotted lines over the whole chart. */
export function drawLevels(context, frame, levels) {
  context.strokeStyle = colour("--text");
  context.lineWidth = 1.2;
  context.setLineDash([2, 3]);
  for (const { value } of levels) {
    line(context, frame.left, frame.y(value), frame.left + frame.width, frame.y(value));
  }
  context.setLineDash([]);
}

/** What trials are compared with in a metric, {text, value}; studies of one value share a line. */
export function namedLevels(baselines, metric) {
  const lines = new Map();
  for (const { study, label, metrics } of baselines) {
    if (!(metric in metrics)) continue;
    const text = `${visible(label)} ${metricText(study.columns[metric], metrics[metric])}`;
    const known = lines.get(text) ?? { value: metrics[metric], studies: [] };
    lines.set(text, { ...known, studies: [...known.studies, visible(study.key)] });
  }
  const several = lines.size > 1;
  return [...lines].map(([text, { value, studies }]) => ({
    text: several ? `${text} (${studies.join(", ")})` : text,
    value,
  }));
}
