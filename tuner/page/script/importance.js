// Which settings matter: shares computed when the page was made or, by the server, as it runs.
import { h } from "./dom.js";
import { counted, visible } from "./format.js";
import { nameText } from "./names.js";
import { choose } from "./state.js";

export function importanceChart({ study }) {
  const found = study.analysis?.importance;
  return h(
    "figure",
    { class: "plot", key: `importance ${study.key}` },
    h(
      "figcaption",
      {},
      h(
        "span",
        {},
        h("span", { class: "plot-title" }, "Importance of the settings"),
        found && h("span", { class: "note" }, " share of explained variance of ", found.metric),
      ),
    ),
    found ? bars(found) : h("p", { class: "empty" }, waiting(study)),
    found && others(found),
    found && h("p", { class: "note basis" }, confidence(found)),
  );
}

function waiting(study) {
  if (study.analysis) return "Too few trials to say; it takes ten that differ.";
  return "Being computed …";
}

const MOST = 12; // settings that are shown at once, the most important first

/** The settings beyond those that are shown at once. */
function others(found) {
  const rest = Object.values(found.shares).slice(MOST);
  if (!rest.length) return null;
  const share = rest.reduce((sum, one) => sum + one, 0);
  return h(
    "details",
    { key: "others" },
    h(
      "summary",
      {},
      `${counted(rest.length, "other setting")}, ${(100 * share).toFixed(1)} % together`,
    ),
    bars(found, MOST, Infinity),
  );
}

function bars(found, from = 0, to = MOST) {
  const shares = Object.entries(found.shares).slice(from, to);
  return h(
    "ul",
    { class: "bars" },
    shares.map(([path, share]) => {
      const percent = `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
      const spread = found.spread[path];
      return h(
        "li",
        { key: path },
        h(
          "button",
          {
            type: "button",
            class: "plain bar-label",
            title: `Sort the trials by ${path}`,
            onclick: () => choose({ sort: `set:${path}`, down: false }),
          },
          nameText(visible(path)),
        ),
        h(
          "span",
          { class: "bar-track" },
          h("span", { class: "bar", style: { width: `${(100 * share).toFixed(1)}%` } }),
        ),
        h(
          "span",
          { class: "bar-value", title: `standard deviation ${(100 * spread).toFixed(1)} %` },
          percent,
        ),
      );
    }),
  );
}

function confidence({ trials, epoch, fit }) {
  const basis = `From ${trials} trials, compared at epoch ${epoch}.`;
  const percent = Math.round(100 * Math.max(0, fit));
  if (fit < 0.2)
    return `${basis} They explain too little (${percent} % of the variance on trials left out), so their order is uncertain.`;
  return `${basis} The settings explain ${percent} % of the variance on trials left out.`;
}
