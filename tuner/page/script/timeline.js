// The workers' time: what ran when, and where nothing did.
import { counted, secondsText, visible } from "./format.js";
import { colour, slotColour } from "./marks.js";
import { remember } from "./memory.js";
import { runningTime } from "./running_time.js";
import { plot } from "./plot.js";
import { legendOf } from "./points.js";
import { choiceAxis, extent, timeAxis } from "./scales.js";
import { togglePin } from "./acts.js";

export function timelineChart({ study, selection }) {
  const shown = new Set(selection.shown);
  const bars = remember(`bars ${study.key}`, study.revision, () => barsOf(study));
  const workers = [...new Set(bars.map((bar) => bar.worker))].sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const [start, end] = extent(bars.flatMap((bar) => [bar.start, bar.end])) ?? [0, 1];
  const used = study.analysis?.utilization;
  const y = choiceAxis([...workers].reverse(), { title: "worker", format: visible });
  return plot({
    key: `timeline ${study.key}`,
    title: "The workers’ time",
    note: used
      ? `${(100 * used).toFixed(1)} % of it spent training; gaps are idle time`
      : "gaps are idle time",
    label: `Timeline of ${counted(workers.length, "worker")} over ${secondsText(end - start)}`,
    height:
      70 + Math.max(2, workers.length) * Math.max(6, Math.min(26, 400 / (workers.length || 1))),
    x: timeAxis([Math.min(0, start), end], "running time"),
    y,
    stamp: `${selection.key}|timeline ${study.key}`,
    draw: (context, frame) => {
      for (const bar of bars) drawBar(context, frame, y, bar, shown, selection);
    },
    over: (context, frame, id) => {
      for (const bar of bars) {
        if (bar.trial.id === id) outline(context, box(frame, y, bar));
      }
    },
    pick: (at, frame) => pickBar(at, frame, y, bars, shown, selection),
    stops: (frame) => workers.map((worker) => stopsOf(worker, bars, shown, frame, selection)),
    table: () => ({
      head: ["worker", "trial", "from (s)", "to (s)"],
      rows: bars.map(({ worker, trial, start, end }) => [
        worker,
        selection.label(trial),
        start.toFixed(1),
        end.toFixed(1),
      ]),
    }),
    legend: () => legendOf(selection.coloured, selection),
    click: ({ trial }) => togglePin(trial),
  });
}

/** A bar for epochs of one trial that follow each other on one worker without a wait. */
function barsOf(study) {
  const epochs = [];
  for (const trial of study.trials.values()) {
    const { started, ended, worker } = trial.epochs;
    started.forEach((start, row) => {
      epochs.push({
        trial,
        start: runningTime(study, start),
        end: runningTime(study, Math.max(start, ended[row])),
        worker: worker[row] || "worker",
      });
    });
  }
  epochs.sort((a, b) => a.start - b.start);
  const last = new Map();
  const bars = [];
  for (const epoch of epochs) {
    const before = last.get(epoch.worker);
    const joined = before?.trial === epoch.trial && epoch.start - before.end < 1;
    if (joined) {
      before.end = Math.max(before.end, epoch.end);
    } else {
      bars.push(epoch);
      last.set(epoch.worker, epoch);
    }
  }
  return bars;
}

function box(frame, axis, bar) {
  const height = Math.max(2, axis.band * frame.height * 0.72);
  const x = frame.x(bar.start);
  return {
    x,
    y: frame.y(bar.worker) - height / 2,
    width: Math.max(1, frame.x(bar.end) - x - 0.5),
    height,
  };
}

/** Stopped trials are hollow; trials that are not shown are only a shade. */
function drawBar(context, frame, axis, bar, shown, selection) {
  const { x, y, width, height } = box(frame, axis, bar);
  if (!shown.has(bar.trial)) {
    context.fillStyle = colour("--grid");
    context.fillRect(x, y, width, height);
    return;
  }
  const slot = selection.slot(bar.trial);
  const shade = slot === null ? colour("--other") : slotColour(slot);
  const hollow = bar.trial.state === "stopped";
  context.fillStyle = context.strokeStyle = shade;
  context.globalAlpha = hollow ? 0.3 : 1;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  context.lineWidth = 1;
  if (hollow && width > 3) context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  if (bar.trial.state === "failed" && width > 4) {
    context.fillStyle = colour("--surface");
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("✕", x + width / 2, y + height / 2);
  }
}

function outline(context, { x, y, width, height }) {
  context.strokeStyle = colour("--text");
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, width + 2, height + 2);
}

function pickBar(at, frame, axis, bars, shown, selection) {
  const found = bars.find((bar) => {
    const { x, y, width, height } = box(frame, axis, bar);
    return at.x >= x - 1 && at.x <= x + width + 1 && at.y >= y && at.y <= y + height;
  });
  if (!found || !shown.has(found.trial)) return null;
  return { trial: found.trial, lines: say(found, selection) };
}

function say({ trial, start, end, worker }, selection) {
  return [
    selection.label(trial),
    `${visible(worker)}: ${secondsText(start)} to ${secondsText(end)}`,
    trial.state,
  ];
}

/** What one worker did, in order: where the keyboard goes. */
function stopsOf(worker, bars, shown, frame, selection) {
  const own = bars.filter((bar) => bar.worker === worker && shown.has(bar.trial));
  return own.map((bar) => ({
    x: (frame.x(bar.start) + frame.x(bar.end)) / 2,
    y: frame.y(worker),
    trial: bar.trial,
    lines: say(bar, selection),
  }));
}
