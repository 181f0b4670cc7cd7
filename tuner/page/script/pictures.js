// Pictures: what the shown trials make of the same validation images, beside what they are given,
// a baseline's prediction, and the target. A lens moves over all at once. What there is to see, the
// study's manifest says (docs/page-data.md).
import { h } from "./dom.js";
import { counted, differenceText, unitText, visible } from "./format.js";
import { saveFigure } from "./figure.js";
import { lensKeys, lensPicture, lensPlace, LENS_HELP } from "./lens.js";
import { getJson } from "./live.js";
import { summed } from "./grouping.js";
import { ALL, pictureTools } from "./picture_tools.js";
import { choose, view } from "./state.js";
import { stateSign, swatch, togglePin } from "./trials.js";

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
  const ranked = imagesOf(studies[0], shown);
  const looked = view.image === ALL ? ranked.map(({ k }) => k) : [view.image];
  return [
    pictureTools(outputs, ranked, scoreColumn(studies[0]), selection),
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
      looked.flatMap((k) =>
        outputs
          .filter(({ name }) => view.output === "both" || view.output === name)
          .flatMap((output) => rows(k, output, studies, shown, selection)),
      ),
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

/** The image of a number in one study. */
function imageOf(study, k = view.image) {
  const { images } = study.pictures;
  return images.find((one) => one.k === k) ?? images[0];
}

/** The images of a study with the mean score of the shown trials: the worst first, if so chosen. */
function imagesOf(study, shown) {
  const own = shown.filter((trial) => trial.study === study);
  const scored = study.pictures.images.map((image) => {
    const scores = study.pictures.outputs.flatMap(({ name }) =>
      own.map((trial) => scoreOf(trial, image, name).value),
    );
    return { ...image, score: summed(scores)?.mean ?? null };
  });
  if (!view.worst) return scored;
  const sign = scoreColumn(study)?.less ? -1 : 1;
  return scored.sort((a, b) => sign * ((a.score ?? Infinity) - (b.score ?? Infinity)));
}

/** The picture that is shown in the place of a trial's, as chosen. */
function againstOf(study, image, output, selection) {
  if (view.against === "target") return image.files[output];
  if (view.against === "baseline") return image.files[`${study.pictures.baseline}-${output}`];
  const { reference } = selection;
  if (view.against !== "reference" || reference?.study !== study) return null;
  const epochs = pictureEpochs(reference);
  return epochs.length ? epochs[epochIndex(reference, epochs)].files[image.k]?.[output] : null;
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
function rows(k, output, studies, shown, selection) {
  return studies.map((study) => {
    const image = imageOf(study, k);
    const trials = shown.filter((trial) => trial.study === study);
    const which = view.image === ALL ? ` · ${visible(image.name)}` : "";
    const whose = selection.studies.length > 1 ? ` · ${visible(study.key)}` : "";
    const title = `${visible(output.title)}${which}${whose}`;
    return h(
      "section",
      { key: `${image.k} ${output.name} ${study.key}`, "aria-label": title },
      h(
        "div",
        { class: "row-head" },
        h("h3", {}, title),
        h(
          "button",
          {
            type: "button",
            class: "plain",
            title: "This row as one picture: the square under the lens, or all of it",
            onpointerdown: () => (figurePlace = lensPlace() ?? figurePlace),
            onclick: () => saveRow(title, output, image, study, trials, selection),
          },
          h("span", { class: "unseen" }, `${title}: `),
          "Save as a figure",
        ),
      ),
      h(
        "div",
        { class: `cards${view.size === "fit" ? "" : " whole"}` },
        sharedCards(output, study, trials, image),
        trials.map((trial) => trialCard(trial, output, image, selection)),
      ),
    );
  });
}

let figurePlace = null; // where the lens was last

function saveRow(title, { name }, image, study, trials, selection) {
  const { given, baseline } = study.pictures;
  const predicted = baseline && image.files[`${baseline}-${name}`];
  const cells = [
    ...given
      .filter(({ kind }) => image.files[kind])
      .map((one) => ({ title: one.title, source: image.files[one.kind] })),
    predicted && { title: baseline, source: predicted },
    ...trials.map((trial) => {
      const epochs = pictureEpochs(trial);
      const source = epochs[epochIndex(trial, epochs)].files[image.k]?.[name];
      return source && { title: selection.label(trial), source };
    }),
    image.files[name] && { title: "target", source: image.files[name] },
  ].filter(Boolean);
  saveFigure(`${study.key}-${image.name}-${title}`, cells, image.files[name] ?? null, figurePlace);
}

/** What all trials of a study share: what they are given, the baseline's prediction, the target. */
function sharedCards({ name }, study, trials, image) {
  const { given, baseline } = study.pictures;
  const target = image.files[name];
  const scores = trials.map((trial) => scoreOf(trial, image, name).baseline);
  const score = scores.find((value) => value !== undefined);
  const predicted = baseline && image.files[`${baseline}-${name}`];
  const inputs = given.filter(({ kind }) => !view.map && image.files[kind]);
  return [
    ...inputs.map(({ kind, title, note }) =>
      card({ key: kind, title, note, source: image.files[kind], frame: target, raw: true }),
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

function card({ key, title, note, source, target, frame, raw }) {
  return h(
    "figure",
    { class: "card", key },
    lensPicture({
      source,
      target: view.map ? target : null,
      frame,
      raw,
      label: `${visible(title)}${note ? `, ${visible(note)}` : ""}`,
    }),
    h(
      "figcaption",
      {},
      h("strong", {}, visible(title)),
      h("span", { class: "note" }, visible(note)),
    ),
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
          against: againstOf(trial.study, image, output.name, selection),
          label: `${name}, epoch ${epochs[at].epoch}${figures.length ? `, ${figures.join(", ")}` : ""}`,
        })
      : text !== undefined
        ? h(
            "pre",
            { class: "text", tabindex: "0", "aria-label": `${name}, epoch ${epochs[at].epoch}` },
            text.split("\n").map(visible).join("\n"),
          )
        : h(
            "p",
            { class: "empty" },
            `${visible(trial.name)} does not predict ${visible(output.title)}.`,
          ),
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
        stateSign(trial),
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

/** The last pictures of a trial and their targets, for the drawer. */
export function lastPictures(trial, selection) {
  const epochs = pictureEpochs(trial);
  if (!epochs.length) return null;
  const { outputs } = trial.study.pictures;
  const image = imageOf(trial.study);
  return [
    h("h3", {}, `Pictures, epoch ${epochs.at(-1).epoch}`),
    h(
      "div",
      { class: "cards small", key: "pictures" },
      outputs.flatMap((output) => {
        const source = epochs.at(-1).files[image.k]?.[output.name];
        const { value } = epochs.at(-1).scores[image.k]?.[output.name] ?? {};
        const note = value === undefined ? "" : unitText(scoreColumn(trial.study), value);
        const title = visible(output.title.split(",")[0]);
        const target = image.files[output.name];
        return [
          source &&
            card({
              key: `own ${output.name}`,
              title: `${title} of ${selection.label(trial)}`,
              note,
              source,
            }),
          target &&
            card({
              key: `target ${output.name}`,
              title: `${title} target`,
              note: image.name,
              source: target,
            }),
        ];
      }),
    ),
  ];
}

/** Ask the server for the pictures of trials that have trained since it was last asked. */
export function fetchPictures(trials, model, redraw) {
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
