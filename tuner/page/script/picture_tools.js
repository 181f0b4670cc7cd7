// The switches over the pictures: which image, how large, errors, and what is put in their place.
import { oneOf, pickFrom, tick, toggle } from "./controls.js";
import { h } from "./dom.js";
import { WORST } from "./error_map.js";
import { unitText, visible } from "./format.js";
import { choose, view } from "./state.js";

export const ALL = -1; // in place of an image's number

/** The toolbar; `ranked` are the images in order, `column` is the metric of their scores. */
export function pictureTools(outputs, ranked, column, selection) {
  const titles = outputs.map((output) => [output.name, visible(output.title.split(",")[0])]);
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    imagePicker(ranked, column),
    outputs.length > 1 &&
      oneOf(
        "Output",
        [...titles, ["both", outputs.length > 2 ? "all" : "both"]],
        view.output,
        (output) => choose({ output }),
      ),
    oneOf(
      "Size",
      [["fit", "fit"], ...["1", "2", "4", "8"].map((times) => [times, `${times}×`])],
      view.size,
      (size) => choose({ size }),
    ),
    h(
      "div",
      { class: "one-of", role: "group", "aria-label": "Error" },
      toggle("Error map", view.map, (map) => choose({ map }), {
        title: "The absolute difference from the target, mean over the colours",
      }),
      view.map &&
        toggle("Signed", view.signed, (signed) => choose({ signed }), {
          title: "Blue where a picture is too dark, red where it is too bright",
        }),
    ),
    pairing(selection),
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
        h("span", {}, view.signed ? `${-WORST} or less`.replace("-", "−") : "0"),
        h("span", { class: view.signed ? "ramp sides" : "ramp", "aria-hidden": "true" }),
        h("span", {}, `${WORST} or more`),
      ),
  );
}

/** Which image; of several also all, and whether the worst come first. */
function imagePicker(ranked, column) {
  const name = (one) => [one.k, visible(one.name)];
  if (ranked.length < 2) return oneOf("Image", ranked.map(name), ranked[0]?.k, () => {});
  const scored = ({ k, name: text, score }) => [
    String(k),
    `${visible(text)}${score === null ? "" : `, ${unitText(column, score)}`}`,
  ];
  const pick = (k) => choose({ image: Number(k) });
  const all = ["-1", `all ${ranked.length}`];
  return [
    ranked.length > 5 || view.worst
      ? h(
          "label",
          { key: "image" },
          "Image ",
          pickFrom("Image", [...ranked.map(scored), all], String(view.image), pick),
        )
      : oneOf("Image", [...ranked.map(name), [ALL, "all"]], view.image, (image) =>
          choose({ image }),
        ),
    toggle("Worst first", view.worst, (worst) => choose({ worst }), {
      title: "By the mean score of the shown trials",
    }),
  ];
}

/** What each picture is compared with in its place, and how. */
function pairing(selection) {
  const { reference } = selection;
  const baseline = selection.studies[0]?.pictures?.baseline;
  const options = [
    ["", "nothing"],
    ["target", "target"],
    ...(baseline ? [["baseline", visible(baseline)]] : []),
    ...(reference ? [["reference", selection.label(reference)]] : []),
  ];
  return h(
    "span",
    { class: "pairing" },
    h(
      "label",
      {},
      "In its place ",
      pickFrom("In its place", options, view.against, (against) => choose({ against })),
    ),
    view.against !== "" &&
      oneOf(
        "How",
        [
          ["wipe", "wipe"],
          ["flicker", "flicker"],
        ],
        view.how,
        (how) => choose({ how }),
      ),
  );
}
