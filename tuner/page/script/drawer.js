// One trial beside any view: its settings against the reference, curves, pictures, what went wrong,
// its files, and the commands to take it along.
import { over } from "./axes_x.js";
import { firstMetrics } from "./catalogue.js";
import { exchanged, SLOTS } from "./colours.js";
import { code, copyText, iconButton } from "./controls.js";
import { curveChart } from "./curve_chart.js";
import { h } from "./dom.js";
import { bytesText, counted, momentText, settingText, visible } from "./format.js";
import { STATES } from "./marks.js";
import { getJson } from "./live.js";
import { notesOf } from "./notes.js";
import { fetchPictures, lastPictures } from "./pictures.js";
import { canonical, quantity, stateText, valueText } from "./quantities.js";
import { cell, tableRows } from "./rows.js";
import { choose, view } from "./state.js";
import { openTrial, swatch, toggleEye, togglePin } from "./trials.js";

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

function close(trial) {
  choose({ trial: "" });
  requestAnimationFrame(() =>
    document.querySelector(`.trials [data-trial="${CSS.escape(trial.id)}"] .trial-link`)?.focus(),
  );
}

function head(trial, selection) {
  const name = selection.label(trial);
  const pinned = view.pin.includes(trial.id);
  const hidden = view.hide.has(trial.id);
  const isReference = selection.reference === trial;
  return h(
    "div",
    { class: "drawer-head" },
    h(
      "h2",
      {},
      swatch(selection.slot(trial)),
      h("span", { class: `sign ${trial.state}`, "aria-hidden": "true" }, STATES[trial.state].sign),
      h("bdi", {}, name),
    ),
    h(
      "div",
      { class: "drawer-tools" },
      iconButton(
        hidden ? "closed" : "eye",
        `${hidden ? "Show" : "Hide"} ${name}`,
        () => toggleEye(trial),
        {
          "data-do": "eye",
        },
      ),
      iconButton("pin", `${pinned ? "Unpin" : "Pin"} ${name}`, () => togglePin(trial), {
        "data-do": "pin",
        "aria-pressed": String(pinned),
      }),
      iconButton("target", `Compare the others with ${name}`, () => choose({ ref: trial.id }), {
        "data-do": "reference",
        "aria-pressed": String(isReference),
      }),
      iconButton("close", `Close ${name}`, () => close(trial), { "data-do": "close" }),
    ),
    h(
      "p",
      { class: "note" },
      [
        stateText(trial),
        counted(trial.epochs.epoch.length, "epoch"),
        quantity("run:seconds").text(trial.seconds),
        trial.retries > 0 && `retried ${trial.retries} ×`,
        trial.kind === "baseline" && "baseline",
        trial.started && `started ${momentText(trial.started)}`,
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    palette(trial, selection),
  );
}

/** Choosing a colour pins the trial: it is meant to be seen. */
function palette(trial, selection) {
  const own = selection.slot(trial);
  const give = (slot) => {
    const pin = view.pin.includes(trial.id) ? view.pin : [...view.pin, trial.id];
    choose({ colour: exchanged(trial.id, slot), pin });
  };
  return h(
    "div",
    { class: "palette", role: "group", "aria-label": "Colour" },
    Array.from({ length: SLOTS }, (_, slot) =>
      h(
        "button",
        {
          type: "button",
          "aria-label": `Colour ${slot + 1}`,
          "aria-pressed": String(own === slot),
          onclick: () => give(slot),
        },
        h("span", { class: `swatch slot-${slot}`, "aria-hidden": "true" }),
      ),
    ),
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

function results(trial, other, selection, known) {
  const groups = tableRows(selection, known).filter(({ title }) => title !== "Searched settings");
  const rows = groups
    .flatMap((group) => group.rows)
    .filter(
      (row) =>
        !row.path &&
        !["run:state", "run:epochs", "run:seconds", "run:retries", "run:tags", "run:note"].includes(
          row.id,
        ),
    );
  return versus(
    rows.map((row) => {
      const shown = cell(row, trial, selection);
      return {
        key: row.id,
        name: [visible(row.label), row.unit && h("span", { class: "unit" }, ` ${row.unit}`)],
        own: [
          shown.best && h("span", { class: "star", role: "img", "aria-label": "best" }, "★ "),
          shown.text,
        ],
        other: other && row.text(row.value(other), other),
      };
    }),
    other,
    selection,
  );
}

/** What differs from the reference first; the rest on request. */
function settings(trial, other, selection) {
  const paths = Object.keys(trial.values).sort();
  const all = other ? [...new Set([...paths, ...Object.keys(other.values)])].sort() : paths;
  const row = (path) => ({
    key: path,
    name: visible(path),
    own: valueText(trial.values[path], path in trial.values),
    other: other && valueText(other.values[path], path in other.values),
  });
  const differs = (path) =>
    other ? canonical(trial.values[path]) !== canonical(other.values[path]) : path in trial.params;
  const [first, rest] = [all.filter(differs), all.filter((path) => !differs(path))];
  return [
    first.length
      ? versus(first.map(row), other, selection)
      : h(
          "p",
          { class: "empty" },
          other ? `The same as ${selection.label(other)}.` : "As in the study file.",
        ),
    rest.length > 0 &&
      h(
        "details",
        { key: "rest" },
        h("summary", {}, `${counted(rest.length, other ? "equal setting" : "other setting")}`),
        versus(rest.map(row), null, selection),
      ),
  ];
}

function versus(rows, other, selection) {
  return h(
    "table",
    { class: "versus" },
    other &&
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, h("span", { class: "unseen" }, "what")),
          h("th", { scope: "col" }, "this"),
          h("th", { scope: "col" }, h("bdi", {}, selection.label(other))),
        ),
      ),
    h(
      "tbody",
      {},
      rows.map(({ key, name, own, other: theirs }) =>
        h(
          "tr",
          { key },
          h("th", { scope: "row" }, name),
          h("td", {}, own),
          other && h("td", { class: "theirs" }, theirs),
        ),
      ),
    ),
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
