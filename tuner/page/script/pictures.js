// Pictures: what the shown trials make of the same validation images, beside what they are given,
// a baseline's prediction, and the target. A lens moves over all at once. What there is to see, the
// study's manifest says (docs/page-data.md).
import { h } from "./dom.js";
import { saveFigure } from "./figure.js";
import { counted, metricText, unitText, visible } from "./format.js";
import { LENS_HELP, lensKeys, lensPlace } from "./lens.js";
import { card, sharedCards, trialCard } from "./picture_cards.js";
import {
  epochIndex,
  fetchPictures,
  imageOf,
  imagesOf,
  outputsOf,
  pictureEpochs,
  scoreOf,
  scoreColumn,
} from "./picture_data.js";
import { ALL, pictureTools } from "./picture_tools.js";
import { choose, view } from "./state.js";

const STEP = 6; // trials shown at first, and added by "Show more"

/** The view. `redraw` draws the page again when pictures have come from the server. */
export function picturesView(selection, model, redraw) {
  const trials = referenceFirst(selection).slice(0, STEP + view.more);
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

/** What the others are compared with is among those shown at first, however it ranks. */
function referenceFirst({ shown, reference }) {
  if (!shown.includes(reference)) return shown;
  return [reference, ...shown.filter((trial) => trial !== reference)];
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

/** The scores of a picture as they were recorded: of it (0) or of the baseline's (1). */
export function recorded(study, { value, baseline, more = {} }, whose) {
  const first = [value, baseline][whose];
  const others = Object.entries(more).filter(([, pair]) => pair[whose] !== null);
  return [
    ...(first === undefined ? [] : [unitText(scoreColumn(study), first)]),
    ...others.map(([name, pair]) => metricText(study.columns[name], pair[whose])),
  ].join(" / ");
}

/** All trials know those of the baseline; the fullest is the newest. */
function baselineScores(study, trials, image, output) {
  const texts = trials.map((trial) => recorded(study, scoreOf(trial, image, output), 1));
  return texts.reduce((best, text) => (text.length > best.length ? text : best), "");
}

let figurePlace = null; // where the lens was last

function saveRow(title, { name }, image, study, trials, selection) {
  const { given, baseline } = study.pictures;
  const predicted = baseline && image.files[`${baseline}-${name}`];
  const cells = [
    ...given
      .filter(({ kind }) => image.files[kind])
      .map((one) => ({ title: one.title, source: image.files[one.kind] })),
    predicted && {
      title: baseline,
      source: predicted,
      scores: baselineScores(study, trials, image, name),
    },
    ...trials.map((trial) => {
      const epochs = pictureEpochs(trial);
      const source = epochs[epochIndex(trial, epochs)].files[image.k]?.[name];
      const scores = recorded(study, scoreOf(trial, image, name), 0);
      return source && { title: selection.label(trial), source, scores };
    }),
    image.files[name] && { title: "target", source: image.files[name] },
  ].filter(Boolean);
  saveFigure(`${study.key}-${image.name}-${title}`, cells, image.files[name] ?? null, figurePlace);
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
