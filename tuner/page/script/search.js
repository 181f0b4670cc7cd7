// Search: what the search tried, what it learned, and where its time went.
import { oneOf, pickFrom } from "./controls.js";
import { h } from "./dom.js";
import { legend } from "./curves.js";
import { visible } from "./format.js";
import { remember } from "./memory.js";
import { score } from "./model.js";
import { nowView } from "./now.js";
import { importanceChart } from "./importance.js";
import { parallelChart } from "./parallel.js";
import { paretoChart } from "./pareto.js";
import { overTime, overTrials } from "./progress.js";
import { sliceCharts } from "./slices.js";
import { timelineChart } from "./timeline.js";
import { choose, view } from "./state.js";

/** The view: one column a study, charts in the same order, so that they can be compared. */
export function searchView(selection, known, model) {
  const now = selection.studies.map((study) => nowView(study, selection, model.now));
  if (!selection.shown.length) {
    return [
      now,
      h("p", { class: "empty" }, "No trial is shown. Open an eye in the list of trials."),
    ];
  }
  return [
    toolbar(selection, known),
    now,
    h(
      "div",
      { class: `studies${selection.studies.length > 1 ? " several" : ""}`, key: "studies" },
      selection.studies.map((study) => column(study, selection, known)),
    ),
    legend(selection),
  ];
}

function toolbar(selection, known) {
  const costs = costChoices(selection, known);
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    costs.length > 1 &&
      h(
        "label",
        {},
        "Trade-off with ",
        pickFrom("Trade-off with", costs, costOf(selection, known), (cost) => choose({ cost })),
      ),
    oneOf(
      "Progress over",
      [
        ["trials", "trials"],
        ["time", "time"],
        ["both", "both"],
      ],
      view.progress,
      (progress) => choose({ progress }),
    ),
    h("span", { class: "gap" }),
    h(
      "span",
      { class: "note" },
      "Drag along an axis of the parallel coordinates to filter; click a mark to pin its trial.",
    ),
  );
}

function column(study, selection, known) {
  const stamp = [selection.key, costOf(selection, known), view.progress, Boolean(study.analysis)];
  return remember(`search ${study.key}`, stamp.join("|"), () => charts(study, selection, known));
}

function charts(study, selection, known) {
  const trials = selection.shown.filter((trial) => trial.study === study);
  const several = selection.studies.length > 1;
  const context = { study, trials, selection, known, cost: costOf(selection, known) };
  const result = trials.some((trial) => score(trial) !== null);
  return h(
    "section",
    { class: "study", key: study.key },
    several && h("h2", {}, h("bdi", {}, visible(study.key))),
    !result
      ? h("p", { class: "empty" }, "No shown trial of this study has a result yet.")
      : [
          h(
            "div",
            { class: "plots two", key: "progress" },
            view.progress !== "time" && overTrials(context),
            view.progress !== "trials" && overTime(context),
          ),
          h("div", { class: "plots", key: "parallel" }, parallelChart(context)),
          h(
            "div",
            { class: "plots two", key: "why" },
            importanceChart(context),
            paretoChart(context),
          ),
          h("h3", { key: "slices" }, "Effect of each setting"),
          sliceCharts(context),
          h("div", { class: "plots", key: "timeline" }, timelineChart(context)),
        ],
  );
}

/** What a result may be weighed against: the second goal, facts, other times, training's. */
function costChoices(selection, known) {
  const goal = selection.studies[0]?.goal;
  const isSecond = (name) => known.goals.includes(name) && name !== goal;
  const facts = [...known.facts].sort((a, b) => isSecond(b) - isSecond(a));
  const second = known.goals.filter((name) => isSecond(name) && !facts.includes(name));
  const times = known.metrics.filter((name) => {
    const { unit, minor } = known.columns[name] ?? {};
    return ["s", "ms"].includes(unit) && !minor && !second.includes(name);
  });
  return [
    ...second.map((name) => [`at:${name}`, name]),
    ...facts.map((name) => [`fact:${name}`, name.replaceAll("_", " ")]),
    ...times.map((name) => [`at:${name}`, name]),
    ["run:seconds", "training time"],
  ];
}

function costOf(selection, known) {
  const choices = costChoices(selection, known).map(([id]) => id);
  return choices.includes(view.cost) ? view.cost : choices[0];
}
