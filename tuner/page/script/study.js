// Study: what was asked for, what it ran on, what went wrong, and the commands to go on with.
import { code } from "./controls.js";
import { h } from "./dom.js";
import {
  counted,
  givenText,
  meanWords,
  momentText,
  secondsText,
  settingText,
  unitText,
  visible,
} from "./format.js";
import { planned, repeatsText, score, tried } from "./model.js";
import { runningTime } from "./running_time.js";
import { STATES } from "./marks.js";
import { openTrial } from "./acts.js";

/** The view: one column a study. */
export function studyView(selection) {
  return h(
    "div",
    { class: "studies", key: "studies" },
    selection.studies.map((study) => about(study, selection)),
  );
}

function about(study, selection) {
  const shown = selection.shown.filter((trial) => trial.study === study);
  return h(
    "article",
    { class: "study", key: study.key },
    h("h2", {}, h("bdi", {}, visible(study.name || study.key))),
    study.description && h("p", { class: "lead" }, visible(study.description)),
    overview(study),
    h("h3", {}, "Failures"),
    failures(shown),
    h("h3", {}, "Go on"),
    commands(study),
    h("h3", {}, "What happened"),
    events(study),
    h("h3", {}, "Study file, as resolved"),
    study.files.yaml === null
      ? h("p", { class: "empty" }, "study.yaml is not there.")
      : code(study.files.yaml, "Study file"),
    h("h3", {}, "Data"),
    tree(study.data),
    h("h3", {}, "Environment"),
    study.files.environment === null
      ? h("p", { class: "empty" }, "environment.json is not there or is no JSON.")
      : tree(study.files.environment),
  );
}

function overview(study) {
  const trials = [...study.trials.values()];
  const budget = study.budget;
  const { best } = study;
  const ended = Math.max(0, ...trials.map((trial) => trial.epochs.ended.at(-1) ?? 0));
  const utilization = study.analysis?.utilization;
  const rows = {
    Status: study.status,
    Started: study.created ? momentText(study.created) : "–",
    "Running time until the last epoch": secondsText(runningTime(study, ended)),
    Trials:
      states(tried(study)) +
      repeatsText(study) +
      (study.planned ? `; ${planned(study)} trials are planned` : ""),
    "Time allowed": budget.wall_clock ? secondsText(budget.wall_clock) : "no limit",
    "Searched for": study.goals
      .map((goal) => `${goal}, ${study.columns[goal]?.less ? "less" : "more"} is better`)
      .join("; "),
    Workers: settingText(study.workers),
    "Workers’ time spent training": utilization ? `${(100 * utilization).toFixed(1)} %` : "–",
    Best: best ? `${visible(best.name)}: ${bestText(best)}` : "none yet",
  };
  return table(Object.entries(rows));
}

/** By what a trial is the best: its value, or its mean over other seeds. */
function bestText(trial) {
  const column = trial.study.columns[trial.study.goal];
  if (!trial.repeats) return unitText(column, score(trial));
  return meanWords(column, trial.repeats);
}

function states(trials) {
  const counts = new Map();
  for (const trial of trials) counts.set(trial.state, (counts.get(trial.state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${STATES[state].word}`).join(", ") || "0";
}

/** What can be done with the study in a terminal. */
function commands(study) {
  return h(
    "dl",
    { class: "commands" },
    study.commands.map(([what, command]) => [
      h("dt", { key: what }, what),
      h("dd", { key: `${what} command` }, code(command, what)),
    ]),
  );
}

/** Equal errors together: what went wrong, then whom it befell. */
function failures(trials) {
  const failed = trials.filter((trial) => trial.state === "failed");
  if (!failed.length) return h("p", { class: "empty" }, "No shown trial has failed.");
  const groups = new Map();
  for (const trial of failed) {
    const key = withoutNumbers(trial.error ?? "no message");
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  return h(
    "ul",
    { class: "failures" },
    sorted.slice(0, 50).map(([first, ...others]) =>
      h(
        "li",
        { key: first.id, "data-trial": first.id },
        h("p", { class: "error" }, h("bdi", {}, visible(first.error ?? "no message"))),
        h(
          "p",
          {},
          others.length > 0 && h("strong", {}, `${counted(others.length + 1, "trial")}: `),
          [first, ...others].slice(0, 40).map((trial, index) => [index ? ", " : "", victim(trial)]),
          others.length > 39 && ` and ${others.length - 39} more`,
        ),
        first.traceback &&
          h(
            "details",
            {},
            h("summary", {}, `Traceback of ${visible(first.name)}`),
            code(first.traceback, `Traceback of ${first.name}`),
          ),
      ),
    ),
    sorted.length > 50 && h("li", {}, `and ${sorted.length - 50} other errors`),
  );
}

/** Errors are equal that differ in numbers only: an epoch, a size, an address. */
function withoutNumbers(text) {
  return text.replace(/0x[0-9a-f]+|\d+(\.\d+)?(e[+-]?\d+)?/gi, "#");
}

function victim(trial) {
  const after = `after ${counted(trial.epochs.epoch.length, "epoch")}`;
  const again = trial.retries > 0 ? `, retried ${trial.retries} ×` : "";
  return [
    h(
      "button",
      { type: "button", class: "plain", "data-trial": trial.id, onclick: () => openTrial(trial) },
      h("bdi", {}, visible(trial.name)),
    ),
    h("span", { class: "note" }, ` ${after}${again}`),
  ];
}

// The kinds of events of tuner/records/kinds.py, in words; a trial's name stands before them.
export const HAPPENED = {
  started: "study started",
  resumed: "study resumed",
  extended: "study extended",
  searching: "training began",
  confirming: "confirm started: the best trials again, with other seeds",
  ended: "study ended",
  retried: "retried",
  moved: "moved to another machine",
  exploited: "continued from a better trial",
  infeasible: "proposed, but not possible, and never trained",
  learned: "learned from an earlier study",
  warning: "warning",
};

function events(study) {
  const told = study.events.filter((event) => event.kind !== "promoted").slice(-200);
  if (!told.length) return h("p", { class: "empty" }, "Nothing is recorded.");
  const line = (event) => {
    const trial = study.trials.get(event.trial);
    const more = Object.entries(event.data ?? {})
      .filter(([key, value]) => key !== "traceback" && !isEmpty(value))
      .map(([key, value]) => `${key}: ${settingText(value)}`);
    return [
      momentText(event.time),
      [
        trial && `${visible(trial.name)} `,
        HAPPENED[event.kind] ?? visible(event.kind),
        more.length > 0 && h("span", { class: "note" }, ` ${visible(more.join(", "))}`),
      ],
    ];
  };
  return table(told.map(line));
}

/** What says nothing: no value, no entry. */
function isEmpty(value) {
  return value === null || value === undefined || value === "" || value?.length === 0;
}

/** A value of any shape: what is nested is indented by its path. */
function tree(value) {
  const rows = [];
  const walk = (one, path) => {
    if (rows.length > 400) return;
    if (one !== null && typeof one === "object" && !Array.isArray(one)) {
      for (const [key, inner] of Object.entries(one)) walk(inner, path ? `${path}.${key}` : key);
    } else if (
      Array.isArray(one) &&
      one.some((item) => item !== null && typeof item === "object")
    ) {
      rows.push([path, counted(one.length, "entry", "entries")]);
      one.slice(0, 50).forEach((item, index) => walk(item, `${path}[${index}]`));
    } else if (!isEmpty(one)) {
      rows.push([path, Array.isArray(one) ? one.map(givenText).join(", ") : settingText(one)]);
    }
  };
  walk(value ?? {}, "");
  if (!rows.length) return h("p", { class: "empty" }, "Nothing is recorded.");
  return table(rows.map(([path, text]) => [visible(path), text]));
}

function table(rows) {
  return h(
    "table",
    { class: "facts" },
    h(
      "tbody",
      {},
      rows.map(([name, text], index) =>
        h("tr", { key: index }, h("th", { scope: "row" }, name), h("td", {}, text)),
      ),
    ),
  );
}
