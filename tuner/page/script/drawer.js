// One trial beside any view: its settings against the reference, curves, pictures, what went wrong,
// its files, and the commands to take it along.
import { over } from "./axes_x.js";
import { firstMetrics } from "./catalogue.js";
import { code, copyText } from "./controls.js";
import { curveChart } from "./curve_chart.js";
import { h } from "./dom.js";
import { close, head } from "./drawer_head.js";
import { bytesText, momentText, settingText, visible } from "./format.js";
import { getJson } from "./live.js";
import { notesOf } from "./notes.js";
import { fetchPictures } from "./picture_data.js";
import { lastPictures } from "./pictures.js";
import { view } from "./state.js";
import { results, settings } from "./versus.js";

/** Ask the server what lies in the folder of a trial, once for every epoch. */
function fetchFolder(trial, redraw) {
  const { study, number } = trial;
  study.folders ??= {};
  const at = trial.epochs.epoch.length;
  if (study.folders[number]?.at === at) return;
  study.folders[number] = { ...study.folders[number], at };
  getJson(
    `api/trial?${new URLSearchParams([
      ["key", study.key],
      ["trial", number],
    ])}`,
  )
    .then((got) => {
      study.folders[number] = { ...got, at };
      redraw();
    })
    .catch(() => {}); // the page says already that the server is away
}

/** The drawer of the opened trial; null where none is open. */
export function drawer(selection, known, model, redraw) {
  const trial = selection.all.find((one) => one.id === view.trial);
  if (!trial) return null;
  if (model.live) {
    fetchPictures([trial], model, redraw);
    fetchFolder(trial, redraw);
  }
  const { reference } = selection;
  const other = reference && reference !== trial ? reference : null;
  const name = selection.label(trial);
  return h(
    "aside",
    {
      class: "drawer",
      key: `drawer ${trial.id}`,
      id: "drawer",
      tabindex: "0",
      "aria-label": `Trial ${name}`,
      onkeydown: (event) => event.key === "Escape" && close(trial),
      "data-trial": trial.id,
    },
    head(trial, selection, model),
    notesOf(trial, model, redraw),
    failure(trial),
    h("h3", {}, "Results"),
    results(trial, other, selection, known),
    h("h3", {}, "Settings"),
    settings(trial, other, selection),
    trial.epochs.epoch.length > 0 && [
      h("h3", {}, other ? `Curves, and those of ${selection.label(other)}` : "Curves"),
      curves(trial, other, selection, known),
    ],
    lastPictures(trial, selection),
    h("h3", {}, "Take it along"),
    commands(trial),
    happened(trial),
    files(trial),
  );
}

function failure(trial) {
  return (
    trial.error && [
      h("h3", {}, "What went wrong"),
      h("p", { class: "error" }, h("bdi", {}, visible(trial.error))),
      trial.traceback &&
        h(
          "details",
          {},
          h("summary", {}, "Traceback"),
          code(trial.traceback, `Traceback of ${trial.name}`),
        ),
    ]
  );
}

function curves(trial, other, selection, known) {
  const shown = [trial, ...(other ? [other] : [])];
  const names = firstMetrics(known)
    .filter((name) => trial.epochs.metrics[name])
    .slice(0, 2);
  const { log, logx, clip, smooth } = view;
  const stamp = [selection.key, "drawer", trial.id, other?.id, log, logx, clip, smooth].join("|");
  const chosen = { ...selection, shown, coloured: shown };
  return names.map((name) => curveChart(name, chosen, stamp, over("epoch"), "drawer "));
}

function commands(trial) {
  const folder = quoted(trial.study.place);
  const name = quoted(trial.name);
  const lines = [
    [
      "Export its model",
      `python -m tuner.export ${folder} --trial ${name} --output ${quoted(`${trial.name}.safetensors`)}`,
    ],
    ["Compare the others with it", `python -m tuner.report ${folder} --reference ${name}`],
  ];
  return [
    h(
      "dl",
      { class: "commands" },
      lines.map(([what, command]) => [
        h("dt", { key: what }, what),
        h("dd", { key: `${what} command` }, code(command, what)),
      ]),
    ),
    h(
      "button",
      {
        type: "button",
        onclick: () => copyText(JSON.stringify(trial.values, null, 2), "Settings as JSON"),
      },
      "Copy its settings as JSON",
    ),
  ];
}

/** A word as a shell reads it. */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function happened(trial) {
  const told = trial.study.events.filter((event) => event.trial === trial.number);
  return (
    told.length > 0 && [
      h("h3", {}, "What happened"),
      h(
        "ul",
        { class: "plain-list" },
        told.slice(-30).map((event, index) =>
          h(
            "li",
            { key: index },
            h("span", { class: "note" }, `${momentText(event.time)} `),
            event.kind,
            Object.entries(event.data ?? {})
              .filter(([key]) => key !== "traceback")
              .map(([key, value]) => `, ${key} ${visible(settingText(value))}`),
          ),
        ),
      ),
    ]
  );
}

function files(trial) {
  const { files: found = [], log } = trial.study.folders?.[trial.number] ?? {};
  return (
    found.length > 0 && [
      h("h3", {}, "Files"),
      h("p", { class: "note" }, `in ${visible(trial.study.place)}/trials/${visible(trial.name)}`),
      h(
        "ul",
        { class: "plain-list" },
        found.map(([name, size]) =>
          h(
            "li",
            { key: name },
            h("bdi", {}, visible(name)),
            h("span", { class: "note" }, ` ${bytesText(size)}`),
          ),
        ),
      ),
      log && [h("h3", {}, "Log, its end"), code(log, `Log of ${trial.name}`)],
    ]
  );
}
