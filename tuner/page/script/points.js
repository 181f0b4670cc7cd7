// What the charts of the search have in common: marks for trials, and how they are pointed at.
import { nearest } from "./drawing.js";
import { STATES, colour, drawMark, slotColour } from "./marks.js";
import { isGiven, quantity } from "./quantities.js";
import { togglePin } from "./acts.js";

/** The goal of a study as a quantity. */
export function goalOf(study) {
  return quantity(`best:${study.goal}`, study);
}

/** A quantity as a column of a chart's data, named with its unit. */
export function columnOf(of) {
  const name = of.unit ? `${of.label} (${of.unit})` : of.label;
  const plain = (value, trial) => of.plain?.(value) ?? of.text(value, trial);
  return [name, (trial) => (isGiven(of, trial) ? plain(of.value(trial), trial) : "")];
}

/** The shade of a trial's mark: its colour, else the accent; grey for those that were stopped. */
function shadeOf(trial, selection) {
  const slot = selection.slot(trial);
  if (slot !== null) return slotColour(slot);
  return trial.state === "complete" ? colour("--accent") : colour("--other");
}

/** The coloured ones of some trials, for the legend of a picture of a chart. */
export function legendOf(trials, selection) {
  const coloured = trials.filter((trial) => selection.slot(trial) !== null);
  return coloured.map((trial) => ({ slot: selection.slot(trial), name: selection.label(trial) }));
}

/**
 * Properties of a chart of marks: `places` are [x, y, trial] in values, `describe(trial)` the lines
 * that are said of a mark, `columns` [name, text(trial)] what the data as a table hold of it.
 */
export function marked(places, selection, describe, columns) {
  const onto = (frame) => places.map(([x, y, trial]) => [frame.x(x), frame.y(y), trial]);
  const size = places.length > 400 ? 2.5 : 4;
  const say = (trial) => [selection.label(trial), ...describe(trial), STATES[trial.state].word];
  return {
    draw: (context, frame) => {
      // those with a colour of their own come last, on top
      for (const own of [false, true]) {
        for (const [x, y, trial] of onto(frame)) {
          if ((selection.slot(trial) !== null) !== own) continue;
          context.globalAlpha = own || places.length <= 400 ? 1 : 0.55;
          drawMark(context, trial.state, x, y, own ? 4 : size, shadeOf(trial, selection));
        }
      }
    },
    over: (context, frame, id) => {
      for (const [x, y, trial] of onto(frame)) {
        if (trial.id === id) drawMark(context, trial.state, x, y, size + 3, colour("--text"));
      }
    },
    pick: (at, frame) => {
      const trial = nearest(onto(frame), at);
      return trial && { trial, lines: say(trial) };
    },
    stops: (frame) => [
      onto(frame)
        .sort((a, b) => a[0] - b[0])
        .map(([x, y, trial]) => ({ x, y, trial, lines: say(trial) })),
    ],
    table: () => ({
      head: ["trial", "state", ...columns.map(([name]) => name)],
      rows: places.map(([, , trial]) => [
        selection.label(trial),
        trial.state,
        ...columns.map(([, text]) => text(trial)),
      ]),
    }),
    legend: () =>
      legendOf(
        places.map(([, , trial]) => trial),
        selection,
      ),
    click: ({ trial }) => togglePin(trial),
  };
}
