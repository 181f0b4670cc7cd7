// What the charts of the search have in common: marks for trials, and how they are pointed at.
import { nearest } from "./drawing.js";
import { STATES, colour, drawMark, slotColour } from "./marks.js";
import { quantity } from "./quantities.js";
import { togglePin } from "./trials.js";

/** The goal of a study as a quantity. */
export function goalOf(study) {
  return quantity(`best:${study.goal}`, study);
}

/** The shade of a trial's mark: its colour, else the accent; grey for those that were stopped. */
export function shadeOf(trial, selection) {
  const slot = selection.slot(trial);
  if (slot !== null) return slotColour(slot);
  return trial.state === "complete" ? colour("--accent") : colour("--other");
}

/** The coloured ones of some trials, for the legend of a picture of a chart. */
export function legendOf(trials, selection) {
  const coloured = trials.filter((trial) => selection.slot(trial) !== null);
  return coloured.map((trial) => ({ slot: selection.slot(trial), name: selection.label(trial) }));
}

/** Properties of a chart of marks: `places` are [x, y, trial] in values. */
export function marked(places, selection, describe) {
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
      head: ["trial", "state", "says"],
      rows: places.map(([, , trial]) => [
        selection.label(trial),
        trial.state,
        ...describe(trial).flatMap((text) => text.trim()),
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
