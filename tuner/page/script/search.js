// Search: what the search tried, what it learned, and where its time went.
import { oneOf, pickFrom } from "./controls.js";
import { h } from "./dom.js";
import { legend } from "./curves.js";
import { visible } from "./format.js";
import { remember } from "./memory.js";
import { score } from "./model.js";
import { nothingShown } from "./nothing.js";
import { nowView } from "./now.js";
import { importanceChart } from "./importance.js";
import { parallelChart } from "./parallel.js";
import { paretoChart } from "./pareto.js";
import { overTime, overTrials } from "./progress.js";
import { quantity } from "./quantities.js";
import { sliceCharts } from "./slices.js";
import { timelineChart } from "./timeline.js";
import { choose, view } from "./state.js";

/** The view: one column a study, charts in the same order, so that they can be compared. */
export function searchView(selection, known, model) {
  const now = selection.studies.map((study) => nowView(study, selection, model.now));
  if (!selection.shown.length) return [now, nothingShown(selection)];
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
  const costs = costChoices(selection.studies[0], selection, known);
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    costs.length > 1 &&
      h(
        "label",
        {},
        "Trade-off with ",
        pickFrom("Trade-off with", costs, costOf(costs), (cost) => choose({ cost })),
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
  const stamp = [selection.key, view.cost, view.progress, Boolean(study.analysis)];
  return remember(`search ${study.key}`, stamp.join("|"), () => charts(study, selection, known));
}

function charts(study, selection, known) {
  const trials = selection.shown.filter((trial) => trial.study === study);
  const several = selection.studies.length > 1;
  const cost = costOf(costChoices(study, selection, known));
  const context = { study, trials, selection, known, cost };
  const result = trials.some((trial) => score(trial) !== null);
  return h(
    "section",
    { class: "study", key: study.key },
    several && h("h2", {}, h("bdi", {}, visible(study.key))),
    !result
      ? h("p", { class: "empty" }, withoutResult(trials))
      : [
          h(
            "div",
            { class: "plots two", key: "progress" },
            view.progress !== "time" && overTrials(context),
            view.progress !== "trials" && overTime(context),
          ),
          known.varied.length > 0 &&
            trials.length > 1 &&
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

function withoutResult(trials) {
  const failed = trials.filter((trial) => trial.state === "failed").length;
  if (!trials.length) return "No trial of this study is shown.";
  if (failed < trials.length) return "No shown trial of this study has a result yet.";
  const who = failed === 1 ? "The shown trial" : `All ${failed} shown trials`;
  return `${who} failed; Study has the errors.`;
}

/**
 * What a study's results may be weighed against: its second goal, facts, other times, training's.
 * Those in which its trials differ come first.
 */
function costChoices(study, selection, known) {
  const stamp = `${selection.version}|${selection.studies.map((study) => study.key)}`;
  return remember(`costs ${study.key}`, stamp, () => costsOf(study, selection, known));
}

function costsOf(study, selection, known) {
  const own = selection.all.filter((trial) => trial.study === study);
  const second = study.goals.slice(1);
  const facts = known.facts.filter((name) => !second.includes(name));
  const times = known.metrics.filter((name) => {
    const { unit, minor } = study.columns[name] ?? {};
    return ["s", "ms"].includes(unit) && !minor && !study.goals.includes(name);
  });
  const choices = [
    ...second.map((name) => [`${known.facts.includes(name) ? "fact" : "at"}:${name}`, name]),
    ...facts.map((name) => [`fact:${name}`, name]),
    ...times.map((name) => [`at:${name}`, name]),
    ["run:seconds", "training time"],
  ].map(([id, name]) => [id, id.startsWith("fact:") ? name.replaceAll("_", " ") : name]);
  const differ = ([id]) => {
    const of = quantity(id, study);
    return new Set(own.map((trial) => of.value(trial)).filter((value) => value !== null)).size > 1;
  };
  return [...choices.filter(differ), ...choices.filter((one) => !differ(one))];
}

/** The chosen one, where a study has it; else its own first. */
function costOf(choices) {
  return choices.find(([id]) => id === view.cost)?.[0] ?? choices[0][0];
}
