// What a result costs: the goal over parameters, milliseconds or training time, and the trials
// that no other beats in both.
import { counted, numberText, secondsText, shortText } from "./format.js";
import { stairs } from "./drawing.js";
import { colour } from "./marks.js";
import { score } from "./model.js";
import { plot } from "./plot.js";
import { columnOf, goalOf, marked } from "./points.js";
import { quantity } from "./quantities.js";
import { extent, numberAxis, robustDomain } from "./scales.js";

export function paretoChart({ study, trials, selection, cost }) {
  const [goal, of] = [goalOf(study), quantity(cost, study)];
  const places = trials
    .map((trial) => [of.value(trial), score(trial), trial])
    .filter(([x, y]) => x !== null && x !== undefined && y !== null);
  const front = frontOf(places, of.less ?? true, goal.less);
  const xs = extent(places.map(([x]) => x)) ?? [0, 1];
  const marks = marked(
    places,
    selection,
    (trial) => [
      `${goal.text(score(trial))} ${goal.unit ?? ""}`,
      `${of.label} ${of.text(of.value(trial), trial)}`,
    ],
    [columnOf(of), columnOf(goal)],
  );
  return plot({
    ...marks,
    key: `pareto ${study.key}`,
    title: `${study.goal} against ${of.label}`,
    note: `${counted(front.length, "trial")} on the Pareto front`,
    label: `${study.goal} over ${of.label} of ${counted(places.length, "trial")}; on the Pareto front: ${front
      .slice(0, 20)
      .map(([, , trial]) => trial.name)
      .join(", ")}`,
    height: 260,
    x: numberAxis(xs, {
      title: of.unit ? `${of.label}, ${of.unit}` : of.label,
      room: 0.04,
      log: xs[0] > 0 && xs[1] / xs[0] > 20,
      format: cost === "run:seconds" ? secondsText : shortText,
    }),
    y: numberAxis(robustDomain(places.map(([, y]) => y)), {
      title: goal.unit ? `${study.goal}, ${goal.unit}` : study.goal,
      format: (value) => numberText(value, 4),
    }),
    stamp: `${selection.key}|pareto ${study.key}|${cost}`,
    draw: (context, frame) => {
      context.strokeStyle = colour("--accent");
      context.lineWidth = 1.5;
      stairs(context, frame, front);
      marks.draw(context, frame);
    },
  });
}

/** The places that no other dominates, from the cheapest on. */
function frontOf(places, lessX, lessY) {
  const [signX, signY] = [lessX ? 1 : -1, lessY ? 1 : -1];
  const sorted = [...places].sort((a, b) => signX * (a[0] - b[0]) || signY * (a[1] - b[1]));
  const front = [];
  for (const place of sorted) {
    const last = front.at(-1);
    const equal = last && last[0] === place[0] && last[1] === place[1];
    if (!last || equal || signY * (place[1] - last[1]) < 0) front.push(place);
  }
  return front;
}
