// How curves are drawn: line by line, as a spread, as means of groups.
import { bands } from "./bands.js";
import { colour, drawMark, slotColour } from "./marks.js";

export const MANY = 120; // lines beyond which a spread says more

export function drawGroup(context, frame, { rows, slot }) {
  context.fillStyle = context.strokeStyle = slotColour(slot);
  area(context, frame, rows, "low", "high", 0.14);
  through(context, frame, rows, "mean", 2);
}

/** A line through one value of the rows of a band. */
function through(context, frame, rows, name, width) {
  context.globalAlpha = 1;
  context.lineWidth = width;
  context.beginPath();
  trace(
    context,
    frame,
    rows.map((row) => [row.x, row[name]]),
  );
  context.stroke();
}

export function drawLines(context, frame, series) {
  context.lineWidth = 1;
  context.strokeStyle = colour("--other");
  context.globalAlpha = Math.max(0.25, Math.min(0.8, 30 / (series.length || 1)));
  context.beginPath();
  for (const { points: pairs } of series) trace(context, frame, pairs);
  context.stroke();
  context.globalAlpha = 1;
  if (series.length > MANY) return;
  for (const { trial, points: pairs } of series) {
    const [x, y] = pairs.at(-1);
    drawMark(context, trial.state, frame.x(x), frame.y(y), 2.5, colour("--other"));
  }
}

export function drawSpread(context, frame, series) {
  const rows = bands(series.map((curve) => curve.points));
  context.fillStyle = context.strokeStyle = colour("--other");
  area(context, frame, rows, "p10", "p90", 0.18);
  area(context, frame, rows, "p25", "p75", 0.28);
  through(context, frame, rows, "p50", 1.5);
}

function area(context, frame, rows, low, high, alpha) {
  context.globalAlpha = alpha;
  context.beginPath();
  trace(
    context,
    frame,
    rows.map((row) => [row.x, row[high]]),
  );
  for (const row of [...rows].reverse()) context.lineTo(frame.x(row.x), frame.y(row[low]));
  context.fill();
}

function trace(context, frame, pairs) {
  pairs.forEach(([x, y, cut], index) => {
    if (index && !cut) context.lineTo(frame.x(x), frame.y(y));
    else context.moveTo(frame.x(x), frame.y(y));
  });
}

export function drawSeries(context, frame, { trial, points: pairs, slot }, lit = false) {
  const shade = lit && slot === null ? colour("--text") : slotColour(slot);
  context.strokeStyle = shade;
  context.lineWidth = lit ? 3.5 : 1.8;
  context.lineJoin = "round";
  context.beginPath();
  trace(context, frame, pairs);
  context.stroke();
  const [x, y] = pairs.at(-1);
  drawMark(context, trial.state, frame.x(x), frame.y(y), lit ? 4.5 : 3.5, shade);
}
