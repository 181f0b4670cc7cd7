// Which pictures there are: of studies, images, outputs, trials and epochs, with their scores.
import { summed } from "./grouping.js";
import { getJson } from "./live.js";
import { view } from "./state.js";

/** What the trials of these studies predict: [{name, title}]. */
export function outputsOf(studies) {
  const all = studies.flatMap((study) => study.pictures.outputs);
  return all.filter((one, index) => all.findIndex((other) => other.name === one.name) === index);
}

/** The image of a number in one study. */
export function imageOf(study, k = view.image) {
  const { images } = study.pictures;
  return images.find((image) => image.k === k) ?? images[0];
}

/** The images of a study with the mean score of the shown trials: the worst first, if so chosen. */
export function imagesOf(study, shown) {
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
export function againstOf(study, image, output, selection) {
  if (view.against === "target") return image.files[output];
  if (view.against === "baseline") return image.files[`${study.pictures.baseline}-${output}`];
  const { reference } = selection;
  if (view.against !== "reference" || reference?.study !== study) return null;
  const epochs = pictureEpochs(reference);
  return epochs.length ? epochs[epochIndex(reference, epochs)].files[image.k]?.[output] : null;
}

/** The metric that the pictures' scores are of. */
export function scoreColumn(study) {
  return study.columns[study.pictures.score ?? study.goal];
}

/** The epochs of which a trial has pictures. */
export function pictureEpochs(trial) {
  return trial.study.pictures?.trials[trial.number] ?? [];
}

/** Which of them is shown: the trial's own choice, else the common one, else the last. */
export function epochIndex(trial, epochs) {
  const own = view.at.find((written) => written.endsWith(`:${trial.id}`));
  const wanted = own ? Number(own.split(":")[0]) : view.epoch;
  if (!wanted) return epochs.length - 1;
  const reached = epochs.filter((one) => one.epoch <= wanted).length;
  return Math.max(0, reached - 1);
}

export function scoreOf(trial, image, output) {
  const epochs = pictureEpochs(trial);
  if (!epochs.length) return {};
  return epochs[epochIndex(trial, epochs)].scores[image.k]?.[output] ?? {};
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
