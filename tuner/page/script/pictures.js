// Pictures: what the shown trials make of the same validation images, beside the small image that
// they are given, plain bicubic upscaling, and the target. A lens moves over all at once.
import { oneOf, tick, toggle } from "./controls.js";
import { h } from "./dom.js";
import { counted, visible } from "./format.js";
import { lensKeys, lensPicture, LENS_HELP, WORST } from "./lens.js";
import { getJson } from "./live.js";
import { STATES } from "./marks.js";
import { choose, view } from "./state.js";
import { swatch, togglePin } from "./trials.js";

const STEP = 6; // trials shown at first, and added by "Show more"
const TITLES = { mid: "y_mid, twice the side", large: "y_large, four times the side" };

/** The view. `redraw` draws the page again when pictures have come from the server. */
export function picturesView(selection, model, redraw) {
  const study = selection.studies.find((one) => !model.live || one.pictures !== undefined);
  const trials = selection.shown.slice(0, STEP + view.more);
  if (model.live) fetchPictures(trials, model, redraw);
  const images = study?.pictures?.images ?? [];
  if (!images.length) {
    const wait = model.live && study && !study.pictures;
    return [h("p", { class: "empty" }, wait ? "Loading …" : "This study has no sample pictures.")];
  }
  const image = images.find((one) => one.k === view.image) ?? images[0];
  const outputs = view.output === "both" ? ["mid", "large"] : [view.output];
  const shown = trials.filter((trial) => pictureEpochs(trial).length);
  return [
    toolbar(images, image),
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
      outputs.map((output) => row(output, image, shown, selection)),
    ),
    trials.length < selection.shown.length &&
      h(
        "button",
        { type: "button", key: "more", onclick: () => choose({ more: view.more + STEP }) },
        "Show more trials",
      ),
  ];
}

function toolbar(images, image) {
  const name = (one) => [one.k, visible(one.name)];
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    oneOf("Image", images.map(name), image.k, (k) => choose({ image: k })),
    oneOf(
      "Output",
      [
        ["mid", "mid"],
        ["large", "large"],
        ["both", "both"],
      ],
      view.output,
      (output) => choose({ output }),
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

function row(output, image, trials, selection) {
  const target = image.files[output];
  const bicubic = trials
    .map((trial) => scoreOf(trial, image, output).bicubic)
    .find((v) => v !== undefined);
  const given = [
    !view.map &&
      image.files.x && {
        key: "x",
        title: "x",
        note: "what the network is given",
        source: image.files.x,
        raw: true,
      },
    image.files[`bicubic-${output}`] && {
      key: "bicubic",
      title: "bicubic",
      note: bicubic === undefined ? "" : `${bicubic.toFixed(2)} dB`,
      source: image.files[`bicubic-${output}`],
      target,
    },
    target &&
      !view.map && { key: "target", title: "target", note: visible(image.name), source: target },
  ].filter(Boolean);
  return h(
    "section",
    { key: output, "aria-label": TITLES[output] },
    h("h3", {}, TITLES[output]),
    h(
      "div",
      { class: "cards" },
      given.map((one) => card(one)),
      trials.map((trial) => trialCard(trial, output, image, target, selection)),
    ),
  );
}

function card({ key, title, note, source, target, raw }) {
  return h(
    "figure",
    { class: "card", key },
    lensPicture({
      source,
      target: view.map ? target : null,
      raw,
      label: `${title}${note ? `, ${note}` : ""}`,
    }),
    h("figcaption", {}, h("strong", {}, title), h("span", { class: "note" }, note)),
  );
}

function trialCard(trial, output, image, target, selection) {
  const epochs = pictureEpochs(trial);
  const at = epochIndex(trial, epochs);
  const source = epochs[at].files[image.k]?.[output];
  const { psnr, bicubic } = scoreOf(trial, image, output);
  const gain = psnr !== undefined && bicubic !== undefined ? psnr - bicubic : null;
  const name = selection.label(trial);
  const figures = [
    psnr === undefined ? "" : `${psnr.toFixed(2)} dB`,
    gain === null ? "" : `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(2)} over bicubic`,
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
      : h("p", { class: "empty" }, `${trial.name} does not predict ${output}.`),
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
        { class: `note${gain === null ? "" : gain >= 0 ? " better" : " worse"}` },
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
