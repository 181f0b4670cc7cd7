// Pictures: what the shown trials make of the same validation images, beside what they are given,
// a baseline's prediction, and the target. A lens moves over all at once. What there is to see, the
// study's manifest says (docs/page-data.md).
import { oneOf, tick, toggle } from "./controls.js";
import { h } from "./dom.js";
import { counted, differenceText, unitText, visible } from "./format.js";
import { lensKeys, lensPicture, LENS_HELP, WORST } from "./lens.js";
import { getJson } from "./live.js";
import { STATES } from "./marks.js";
import { choose, view } from "./state.js";
import { swatch, togglePin } from "./trials.js";

const STEP = 6; // trials shown at first, and added by "Show more"

/** The view. `redraw` draws the page again when pictures have come from the server. */
export function picturesView(selection, model, redraw) {
  const trials = selection.shown.slice(0, STEP + view.more);
  if (model.live) fetchPictures(trials, model, redraw);
  const studies = selection.studies.filter((study) => study.pictures?.images.length);
  if (!studies.length) {
    const wait = model.live && selection.studies.some((study) => !study.pictures);
    return [h("p", { class: "empty" }, wait ? "Loading …" : "This study has no sample pictures.")];
  }
  const outputs = outputsOf(studies);
  const shown = trials.filter((trial) => pictureEpochs(trial).length);
  return [
    toolbar(studies, outputs),
    leftOut(selection, trials.length - shown.length),
    h(
      "div",
      {
        class: "gallery",
        key: "gallery",
        tabindex: "0",
        role: "group",
        "aria-label": `Pictures. ${LENS_HELP}`,
        onkeydown: lensKeys,
      },
      outputs
        .filter(({ name }) => view.output === "both" || view.output === name)
        .flatMap((output) => rows(output, studies, shown, selection)),
    ),
    trials.length < selection.shown.length &&
      h(
        "button",
        { type: "button", key: "more", onclick: () => choose({ more: view.more + STEP }) },
        "Show more trials",
      ),
  ];
}

/** What the trials of these studies predict: [{name, title}]. */
function outputsOf(studies) {
  const all = studies.flatMap((study) => study.pictures.outputs);
  return all.filter((one, index) => all.findIndex((other) => other.name === one.name) === index);
}

/** The image that is looked at, in one study. */
function imageOf(study) {
  const { images } = study.pictures;
  return images.find((one) => one.k === view.image) ?? images[0];
}

function toolbar(studies, outputs) {
  const name = (one) => [one.k, visible(one.name)];
  const titles = outputs.map((one) => [one.name, visible(one.title.split(",")[0])]);
  const { images } = studies[0].pictures;
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    oneOf("Image", images.map(name), imageOf(studies[0]).k, (k) => choose({ image: k })),
    outputs.length > 1 &&
      oneOf("Output", [...titles, ["both", outputs.length > 2 ? "all" : "both"]], view.output, (output) =>
        choose({ output }),
      ),
    toggle("Error map", view.map, (map) => choose({ map }), {
      title: "The absolute difference from the target, mean over the colours",
    }),
    h(
      "label",
      { class: "slider" },
      h("span", {}, "Lens"),
      h("input", {
        type: "range",
        min: 2,
        max: 12,
        step: 1,
        value: String(view.zoom),
        oninput: (event) => choose({ zoom: Number(event.target.value) }),
      }),
      h("output", {}, `${view.zoom}×`),
    ),
    tick("Move epochs together", view.together, (together) => choose({ together, at: [] })),
    view.map &&
      h(
        "span",
        { class: "scale-bar" },
        h("span", {}, "0"),
        h("span", { class: "ramp", "aria-hidden": "true" }),
        h("span", {}, `${WORST} or more`),
      ),
  );
}

function leftOut(selection, without) {
  const stored = selection.studies.reduce((sum, one) => sum + (one.pictures?.left_out ?? 0), 0);
  const notes = [
    without > 0 && `${counted(without, "shown trial")} without pictures.`,
    stored > 0 &&
      `This file holds the pictures of the best trials and the baselines; ${counted(stored, "trial")} more can be seen with python -m tuner.dashboard.`,
  ].filter(Boolean);
  return notes.length > 0 && h("p", { class: "note", key: "left out" }, notes.join(" "));
}

/** One output: a row for each study, which has images and a baseline of its own. */
function rows(output, studies, shown, selection) {
  return studies.map((study) => {
    const trials = shown.filter((trial) => trial.study === study);
    const whose = selection.studies.length > 1 ? ` · ${visible(study.key)}` : "";
    const title = `${visible(output.title)}${whose}`;
    return h(
      "section",
      { key: `${output.name} ${study.key}`, "aria-label": title },
      h("h3", {}, title),
      h(
        "div",
        { class: "cards" },
        sharedCards(output, study, trials),
        trials.map((trial) => trialCard(trial, output, imageOf(study), selection)),
      ),
    );
  });
}

/** What all trials of a study share: what they are given, the baseline's prediction, the target. */
function sharedCards({ name }, study, trials) {
  const { given, baseline } = study.pictures;
  const image = imageOf(study);
  const target = image.files[name];
  const scores = trials.map((trial) => scoreOf(trial, image, name).baseline);
  const score = scores.find((value) => value !== undefined);
  const predicted = baseline && image.files[`${baseline}-${name}`];
  const inputs = given.filter(({ kind }) => !view.map && image.files[kind]);
  return [
    ...inputs.map(({ kind, title, note }) =>
      card({ key: kind, title, note, source: image.files[kind], raw: true }),
    ),
    predicted &&
      card({
        key: baseline,
        title: baseline,
        note: score === undefined ? "" : unitText(scoreColumn(study), score),
        source: predicted,
        target,
      }),
    target &&
      !view.map &&
      card({ key: "target", title: "target", note: image.name, source: target }),
  ];
}

/** The metric that the pictures' scores are of. */
function scoreColumn(study) {
  return study.columns[study.pictures.score ?? study.goal];
}

function card({ key, title, note, source, target, raw }) {
  return h(
    "figure",
    { class: "card", key },
    lensPicture({
      source,
      target: view.map ? target : null,
      raw,
      label: `${visible(title)}${note ? `, ${visible(note)}` : ""}`,
    }),
    h("figcaption", {}, h("strong", {}, visible(title)), h("span", { class: "note" }, visible(note))),
  );
}

function trialCard(trial, output, image, selection) {
  const epochs = pictureEpochs(trial);
  const at = epochIndex(trial, epochs);
  const target = image.files[output.name];
  const source = epochs[at].files[image.k]?.[output.name];
  const text = epochs[at].texts?.[image.k]?.[output.name];
  const { value, baseline } = scoreOf(trial, image, output.name);
  const column = scoreColumn(trial.study);
  const gain = value !== undefined && baseline !== undefined ? value - baseline : null;
  const better = gain === null || column?.less === null ? null : gain < 0 === column?.less;
  const name = selection.label(trial);
  const figures = [
    value === undefined ? "" : unitText(column, value),
    gain === null
      ? ""
      : `${differenceText(column, gain)} over ${visible(trial.study.pictures.baseline)}`,
  ].filter(Boolean);
  return h(
    "figure",
    { class: "card", key: trial.id, "data-trial": trial.id },
    source
      ? lensPicture({
          source,
          target: view.map ? target : null,
          label: `${name}, epoch ${epochs[at].epoch}${figures.length ? `, ${figures.join(", ")}` : ""}`,
        })
      : text !== undefined
        ? h("pre", { class: "text", tabindex: "0", "aria-label": `${name}, epoch ${epochs[at].epoch}` }, text.split("\n").map(visible).join("\n"))
        : h("p", { class: "empty" }, `${visible(trial.name)} does not predict ${visible(output.title)}.`),
    h(
      "figcaption",
      {},
      h(
        "button",
        {
          type: "button",
          class: "plain card-name",
          title: "Pin or unpin",
          onclick: () => togglePin(trial),
        },
        swatch(selection.slot(trial)),
        h(
          "span",
          { class: `sign ${trial.state}`, role: "img", "aria-label": trial.state },
          STATES[trial.state].sign,
        ),
        h("bdi", {}, name),
      ),
      h(
        "span",
        { class: `note${better === null ? "" : better ? " better" : " worse"}` },
        figures.join(", "),
      ),
      epochs.length > 1
        ? h(
            "label",
            { class: "slider" },
            h("span", {}, "epoch"),
            h("input", {
              type: "range",
              min: 0,
              max: epochs.length - 1,
              step: 1,
              value: String(at),
              "aria-valuetext": `epoch ${epochs[at].epoch}`,
              oninput: (event) => moveEpoch(trial, epochs, Number(event.target.value)),
            }),
            h("output", {}, epochs[at].epoch),
          )
        : h("span", { class: "note" }, `epoch ${epochs[at].epoch}`),
    ),
  );
}

/** The epochs of which a trial has pictures. */
function pictureEpochs(trial) {
  return trial.study.pictures?.trials[trial.number] ?? [];
}

/** Which of them is shown: the trial's own choice, else the common one, else the last. */
function epochIndex(trial, epochs) {
  const own = view.at.find((written) => written.endsWith(`:${trial.id}`));
  const wanted = own ? Number(own.split(":")[0]) : view.epoch;
  if (!wanted) return epochs.length - 1;
  const reached = epochs.filter((one) => one.epoch <= wanted).length;
  return Math.max(0, reached - 1);
}

function moveEpoch(trial, epochs, index) {
  const epoch = epochs[index].epoch;
  if (view.together) choose({ epoch, at: [] });
  else
    choose({
      at: [...view.at.filter((one) => !one.endsWith(`:${trial.id}`)), `${epoch}:${trial.id}`],
    });
}

function scoreOf(trial, image, output) {
  const epochs = pictureEpochs(trial);
  if (!epochs.length) return {};
  return epochs[epochIndex(trial, epochs)].scores[image.k]?.[output] ?? {};
}

/** Ask the server for the pictures of trials that have trained since it was last asked. */
function fetchPictures(trials, model, redraw) {
  for (const study of new Set(trials.map((trial) => trial.study))) {
    study.asked ??= new Map();
    const stale = trials.filter(
      (trial) =>
        trial.study === study && study.asked.get(trial.number) !== trial.epochs.epoch.length,
    );
    if (!stale.length || study.asking) continue;
    study.asking = true;
    const counts = stale.map((trial) => [trial.number, trial.epochs.epoch.length]);
    const address = new URLSearchParams([["key", study.key], ...counts.map(([n]) => ["trial", n])]);
    getJson(`api/pictures?${address}`)
      .then((got) => {
        const before = study.pictures?.trials ?? {};
        study.pictures = { ...got, trials: { ...before, ...got.trials } };
        for (const [number, count] of counts) study.asked.set(number, count);
      })
      .catch(() => {}) // the page says already that the server is away, and asks again later
      .finally(() => {
        study.asking = false;
        redraw();
      });
  }
}
