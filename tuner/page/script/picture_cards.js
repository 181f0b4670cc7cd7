// A picture with what is said below it: given, predicted, or to be predicted.
import { togglePin } from "./acts.js";
import { h } from "./dom.js";
import { againstText, isNothing, unitText, visible } from "./format.js";
import { lensPicture } from "./lens.js";
import { nameText } from "./names.js";
import { againstOf, epochIndex, pictureEpochs, scoreColumn, scoreOf } from "./picture_data.js";
import { stateSign, swatch } from "./signs.js";
import { choose, view } from "./state.js";

/** What all trials of a study share: what they are given, the baseline's prediction, the target. */
export function sharedCards({ name }, study, trials, image) {
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

export function card({ key, title, note, source, target, frame, raw }) {
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

export function trialCard(trial, output, image, selection) {
  const epochs = pictureEpochs(trial);
  const at = epochIndex(trial, epochs);
  const target = image.files[output.name];
  const source = epochs[at].files[image.k]?.[output.name];
  const text = epochs[at].texts?.[image.k]?.[output.name];
  const { value, baseline } = scoreOf(trial, image, output.name);
  const column = scoreColumn(trial.study);
  const gain = value !== undefined && baseline !== undefined ? value - baseline : null;
  const even = gain === null || column?.less === null || isNothing(column, gain);
  const better = even ? null : gain < 0 === column?.less;
  const name = selection.label(trial);
  const figures = [
    value === undefined ? "" : unitText(column, value),
    gain === null ? "" : againstText(column, gain, visible(trial.study.pictures.baseline)),
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
        nameText(name),
      ),
      h(
        "span",
        { class: `note${better === null ? "" : better ? " better" : " worse"}` },
        figures.map((text, index) => [
          h("span", { class: "figure-text" }, index < figures.length - 1 ? `${text},` : text),
          " ",
        ]),
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

function moveEpoch(trial, epochs, index) {
  const epoch = epochs[index].epoch;
  if (view.together) choose({ epoch, at: [] });
  else
    choose({
      at: [...view.at.filter((one) => !one.endsWith(`:${trial.id}`)), `${epoch}:${trial.id}`],
    });
}
