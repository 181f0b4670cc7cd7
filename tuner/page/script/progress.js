// Best so far: how good the search had become after so many trials, and after so much time.
import { drawBeside, drawLevels, namedLevels, roomBeside } from "./beside.js";
import { counted, numberText, secondsText } from "./format.js";
import { colour } from "./marks.js";
import { planned, score, tried } from "./model.js";
import { runningTime } from "./running_time.js";
import { line, stairs } from "./drawing.js";
import { plot } from "./plot.js";
import { columnOf, goalOf, marked } from "./points.js";
import { countAxis, numberAxis, robustDomain, timeAxis } from "./scales.js";

const UNIT = 150; // pixels at the left over the frame, where the unit of the values stands

/** Best so far over trials, in order of their numbers, against the number allowed. */
export function overTrials({ study, trials, selection }) {
  const place = new Map(tried(study).map((trial, index) => [trial, index + 1]));
  const scored = trials.filter((trial) => place.has(trial) && score(trial) !== null);
  const places = scored
    .map((trial) => [place.get(trial), score(trial), trial])
    .sort((a, b) => a[0] - b[0]);
  const allowed = study.planned ? planned(study) : null;
  const last = Math.max(allowed ?? 0, ...places.map(([x]) => x), 1);
  return progressChart({
    study,
    selection,
    places,
    key: `trials ${study.key}`,
    title: "Best so far over trials",
    x: countAxis([0, last], "trials"),
    allowed,
    allowedText: allowed && `${counted(allowed, "trial")} allowed`,
    steps: running(places, study),
    when: (trial) => `trial ${place.get(trial)}`,
    column: ["trial's place", (trial) => String(place.get(trial))],
  });
}

/** Best so far over the time since the study began, against the time allowed. */
export function overTime({ study, trials, selection }) {
  const reached = [];
  const places = [];
  for (const trial of trials) {
    if (trial.state === "failed") continue;
    const values = trial.epochs.metrics[study.goal];
    values?.forEach((value, row) => {
      if (value !== null && value !== undefined) {
        reached.push([runningTime(study, trial.epochs.ended[row]), value]);
      }
    });
    const best = score(trial);
    if (best !== null && trial.epochs.ended.length) places.push([endOf(trial), best, trial]);
  }
  reached.sort((a, b) => a[0] - b[0]);
  const allowed = study.budget.wall_clock ?? null;
  const last = Math.max(allowed ?? 0, reached.at(-1)?.[0] ?? 1);
  return progressChart({
    study,
    selection,
    places,
    key: `time ${study.key}`,
    title: "Best so far over time",
    x: timeAxis([0, last], "running time"),
    allowed,
    allowedText: allowed && `${secondsText(allowed)} allowed`,
    steps: running(reached, study),
    when: (trial) => `after ${secondsText(endOf(trial))}`,
    column: ["running time (s)", (trial) => endOf(trial).toFixed(1)],
  });
}

/** When a trial had its last epoch, in seconds that the study had been running. */
function endOf(trial) {
  return runningTime(trial.study, trial.epochs.ended.at(-1));
}

function progressChart(chart) {
  const { study, selection, places, steps } = chart;
  const goal = goalOf(study);
  const levels = namedLevels(study.compared, study.goal);
  const marks = marked(
    places,
    selection,
    (trial) => [`${chart.when(trial)}: ${goal.text(goal.value(trial))} ${goal.unit ?? ""}`],
    [chart.column, columnOf(goal)],
  );
  const everyone = selection.shown.map((trial) => score(trial, study.goal));
  const best = steps.at(-1)?.[1] ?? null;
  const also = levels.map(({ value }) => value);
  const domain = robustDomain(everyone, { also });
  const inSight = stepsWithin(steps, domain);
  return plot({
    ...marks,
    key: chart.key,
    title: chart.title,
    note: best === null ? "" : `best ${goal.text(best)}${goal.unit ? ` ${goal.unit}` : ""}`,
    label: `${chart.title}: ${study.goal} of ${counted(places.length, "trial")}, best ${goal.text(best)}`,
    height: 230,
    right: roomBeside(levels),
    x: chart.x,
    y: numberAxis(domain, {
      title: goal.unit ? `${study.goal}, ${goal.unit}` : study.goal,
      format: (value) => numberText(value, 4),
    }),
    stamp: `${selection.key}|${chart.key}`,
    draw: (context, frame) => {
      drawLevels(context, frame, levels);
      if (chart.allowed) drawBudget(context, frame, chart.allowed, chart.allowedText);
      context.strokeStyle = colour("--text");
      context.lineWidth = 2;
      stairs(context, frame, inSight);
      marks.draw(context, frame);
    },
    beside: (context, frame) => drawBeside(context, frame, levels),
  });
}

/** Of [x, value] in order of x, those at which the best so far changes. */
function running(reached, study) {
  const less = study.columns[study.goal]?.less ?? false;
  const steps = [];
  for (const [x, value] of reached) {
    const best = steps.at(-1)?.[1];
    if (best === undefined || (less ? value < best : value > best)) steps.push([x, value]);
  }
  if (steps.length) steps.push([reached.at(-1)[0], steps.at(-1)[1]]);
  return steps;
}

/** Of a rise from below the axis only what is in sight, so that no line leaves the chart. */
export function stepsWithin(steps, [low, high]) {
  return steps.filter(([, value]) => value >= low && value <= high);
}

/** A line where the budget ends, named over the frame, where no mark is. */
function drawBudget(context, frame, value, text) {
  const [x, right] = [frame.x(value), frame.left + frame.width];
  context.strokeStyle = context.fillStyle = colour("--muted");
  context.lineWidth = 1;
  context.setLineDash([6, 4]);
  line(context, x, frame.top, x, frame.top + frame.height);
  context.setLineDash([]);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  const { width } = context.measureText(text);
  const at = Math.min(right - width, Math.max(x - width / 2, UNIT));
  context.fillText(text, at, frame.top - 5);
}
