// A study while it runs: what each worker does, what had to be tried again, when it may end.
import { h } from "./dom.js";
import { counted, momentText, secondsText, settingText, visible } from "./format.js";
import { planned, score, tried } from "./model.js";
import { quantity } from "./quantities.js";
import { openTrial } from "./acts.js";
import { swatch } from "./signs.js";

/** What goes on in a study that runs; null for others. */
export function nowView(study, selection, now) {
  if (study.status !== "running") return null;
  const left = estimate(study, now);
  return h(
    "section",
    { class: "now", key: `now ${study.key}`, "aria-label": `Now, ${study.key}` },
    h("h3", {}, "Now"),
    h("p", {}, endText(left, study), ...troubles(study)),
    working(study).length > 0 && workers(study, selection),
  );
}

function workers(study, selection) {
  const heads = ["worker", "trial", "epoch", "so far"];
  return h(
    "table",
    { class: "versus" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        heads.map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    h(
      "tbody",
      {},
      working(study).map((one) => workerRow(one, selection)),
    ),
  );
}

function endText(left, study) {
  if (left === null) return "Too early to say when it ends.";
  if (left < 1) return "Ends any moment.";
  if (!hasEnded(study)) return `Ends in ${secondsText(left)} at the latest, when its time is over.`;
  return `Ends in about ${secondsText(left)}, if trials continue as before.`;
}

/** Whether any trial has ended, from which one can tell how long the others will take. */
export function hasEnded(study) {
  return [...study.trials.values()].some((trial) => trial.state !== "running" && trial.seconds > 0);
}

/** What is being trained, by worker: {worker, trial, epoch, most}. */
export function working(study) {
  const names = new Intl.Collator("en", { numeric: true });
  return [...study.trials.values()]
    .filter((trial) => trial.state === "running")
    .map((trial) => ({
      trial,
      worker: trial.epochs.worker.at(-1) || "starting",
      epoch: trial.epochs.epoch.at(-1) ?? 0,
      most: trial.planned_epochs ?? null,
    }))
    .sort((a, b) => names.compare(a.worker, b.worker));
}

function workerRow({ trial, worker, epoch, most }, selection) {
  const goal = quantity(`best:${trial.study.goal}`, trial.study);
  const value = score(trial);
  return h(
    "tr",
    { key: trial.id, "data-trial": trial.id },
    h("th", { scope: "row" }, visible(worker)),
    h(
      "td",
      {},
      swatch(selection.slot(trial)),
      " ",
      h(
        "button",
        { type: "button", class: "plain", onclick: () => openTrial(trial) },
        h("bdi", {}, selection.label(trial)),
      ),
    ),
    h("td", {}, most ? `${epoch} of ${most}` : String(epoch)),
    h("td", {}, value === null ? "–" : `${goal.text(value)} ${goal.unit ?? ""}`),
  );
}

/**
 * Seconds until a study ends: the trials that are left take as long as those that ended, on as many
 * workers as now; no longer than the time that it is allowed. Null while nothing tells.
 */
export function estimate(study, now) {
  const trials = [...study.trials.values()];
  const ended = trials.filter((trial) => trial.state !== "running" && trial.seconds > 0);
  const running = trials.filter((trial) => trial.state === "running");
  const allowed = study.budget.wall_clock ?? null;
  const spent = Math.max(0, ...trials.map((trial) => trial.epochs.ended.at(-1) ?? 0));
  const since = now ? Math.max(spent, now - study.created) : spent;
  const paused = study.pauses.reduce((sum, [from, to]) => sum + to - from, 0);
  const rest = allowed === null ? Infinity : Math.max(0, allowed - (since - paused));
  if (!ended.length) return allowed === null ? null : rest;
  const mean = ended.reduce((sum, trial) => sum + trial.seconds, 0) / ended.length;
  const waiting = study.planned === null ? Infinity : planned(study) - tried(study).length;
  const begun = running.reduce((sum, trial) => sum + Math.max(0, mean - trial.seconds), 0);
  const work = waiting * mean + begun;
  const found = Math.min(rest, work / Math.max(1, running.length || study.workers || 1));
  return Number.isFinite(found) ? found : null;
}

/** The retries and the latest warnings of a study. */
function troubles(study) {
  const count = (kind) => study.events.filter((event) => event.kind === kind).length;
  const warned = study.events.filter((event) => event.kind === "warning").slice(-3);
  const retried = count("retried");
  return [
    retried > 0 && ` ${counted(retried, "retry", "retries")} so far.`,
    ...warned.map((event) =>
      h(
        "span",
        { class: "warned" },
        `${momentText(event.time)} ${visible(settingText(event.data?.text ?? ""))}`,
      ),
    ),
  ].filter(Boolean);
}
