// What is around every view: studies, tabs, the state of a running study, theme, print, link.
import { copyText, iconButton, menu, tick } from "./controls.js";
import { h } from "./dom.js";
import { againstText, counted, secondsText, unitText, visible } from "./format.js";
import { planned, repeatsText, standing, tried } from "./model.js";
import { viewMenu } from "./notes.js";
import { estimate, hasEnded } from "./now.js";
import { choose, view } from "./state.js";
import { isDark, switchTheme } from "./theme.js";

const SILENT = 600; // seconds without a word, after which a running study may be a dead one
const TABS = [
  ["compare", "Compare"],
  ["trials", "Trials"],
  ["curves", "Curves"],
  ["pictures", "Pictures"],
  ["search", "Search"],
  ["study", "Study"],
];

/** The whole page around its two parts, `list` and `view`. */
export function frame(model, selection, parts, redraw) {
  const tab = TABS.find(([key]) => key === view.tab) ?? TABS[0];
  return [
    h("a", { class: "skip", href: "#view", key: "skip", onclick: skip }, "Skip to the view"),
    h(
      "header",
      { class: "top", key: "top" },
      iconButton(
        "list",
        view.aside ? "Hide the list of trials" : "Show the list of trials",
        () => choose({ aside: !view.aside }),
        { "aria-expanded": String(view.aside), "aria-controls": "trials" },
      ),
      h("h1", {}, h("bdi", {}, title(selection))),
      studyMenu(model, selection),
      tabs(tab[0]),
      viewMenu(model, selection, redraw),
      h("span", { class: "gap" }),
      statusLine(model, selection),
      h(
        "div",
        { class: "tools" },
        iconButton("link", "Copy a link to this view", () => copyText(location.href, "Link")),
        iconButton("print", "Print this view", () => print()),
        iconButton("theme", isDark() ? "Light theme" : "Dark theme", switchTheme),
      ),
    ),
    problems(model, selection),
    h(
      "div",
      { class: bodyClass(selection, parts), key: "body" },
      parts.list,
      h("main", {}, panel(selection, tab, parts.view ?? empty(model))),
      parts.drawer,
    ),
    h("div", {
      id: "announcement",
      class: "announcement",
      role: "status",
      key: "announcement",
      own: true,
    }),
    h("div", { id: "reading", class: "unseen", role: "status", key: "reading", own: true }),
    h("div", {
      id: "tooltip",
      class: "tooltip",
      role: "presentation",
      hidden: true,
      key: "tooltip",
      own: true,
    }),
  ];
}

function bodyClass({ studies }, { list, drawer }) {
  const several = studies.length > 1;
  return ["body", list ? "" : "alone", drawer ? "opened" : "", several ? "several" : ""]
    .filter(Boolean)
    .join(" ");
}

function panel(selection, [key, name], content) {
  return h(
    "div",
    {
      id: "view",
      tabindex: "0",
      role: "tabpanel",
      "aria-labelledby": `tab-${key}`,
      class: `view ${key === "trials" ? "as-rows" : key}`, // the list beside it is `.trials`
      key,
    },
    h("h2", { class: "on-paper" }, `${title(selection)}: ${name}`),
    content,
  );
}

function skip(event) {
  event.preventDefault(); // the address belongs to the choices
  document.getElementById("view").focus();
}

function title({ studies }) {
  const names = studies.map((study) => visible(study.key));
  if (names.length > 2) return `${names[0]} and ${names.length - 1} others`;
  return names.join(" · ") || "Studies";
}

function tabs(current) {
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = TABS.findIndex(([key]) => key === current);
    const next = TABS[(at + step + TABS.length) % TABS.length][0];
    choose({ tab: next });
    requestAnimationFrame(() => document.getElementById(`tab-${next}`).focus());
  };
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "Views", onkeydown: move },
    TABS.map(([key, text]) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${key}`,
          "aria-selected": String(key === current),
          "aria-controls": "view",
          tabindex: key === current ? "0" : "-1",
          onclick: () => choose({ tab: key }),
        },
        text,
      ),
    ),
  );
}

/** Which of the studies are shown, where there are several. */
function studyMenu(model, selection) {
  if (model.index.length < 2) return null;
  const asked = view.study.filter((key) => model.index.some((entry) => entry.key === key));
  const chosen = asked.length ? asked : selection.studies.map((study) => study.key);
  const pick = (key, on) => {
    const study = on ? [...chosen, key] : chosen.filter((one) => one !== key);
    if (study.length) choose({ study });
  };
  return menu(
    `${chosen.length} of ${model.index.length} studies`,
    { "data-menu": "studies" },
    model.index.map((entry) =>
      tick(
        [
          h("bdi", {}, visible(entry.key)),
          h("span", { class: "note" }, ` ${entry.problem ? "damaged" : entry.status}`),
        ],
        chosen.includes(entry.key),
        (on) => pick(entry.key, on),
        { key: entry.key, title: entry.problem ?? entry.key },
      ),
    ),
  );
}

/** How the studies stand: of more than two in a menu, with what has to be known in sight. */
function statusLine(model, { studies, all }) {
  const lines = studies.map((study) => status(study, studies.length > 1, model));
  if (studies.length < 3) return h("div", { class: "statuses" }, lines);
  const running = studies.filter((study) => study.status === "running").length;
  const short = [
    counted(all.length, "trial"),
    running > 0 && `${counted(running, "study", "studies")} running`,
  ].filter(Boolean);
  return menu(short.join(", "), { "data-menu": "statuses", class: "menu statuses" }, lines);
}

/** How one study stands, by its name where there are several. */
function status(study, several, model) {
  const trials = tried(study);
  const done = trials.filter((trial) => trial.state !== "running").length;
  const { best } = study;
  return h(
    "p",
    { class: "status", key: study.key },
    several && [h("bdi", {}, visible(study.key)), ": "],
    study.status === "ended"
      ? counted(trials.length, "trial")
      : `${done} of ${planned(study)} trials`,
    repeatsText(study),
    best && [
      best.repeats ? [", best ", h("bdi", {}, visible(best.name)), " mean "] : ", best ",
      h("strong", {}, unitText(study.columns[study.goal], standing(best).value)),
      standing(best).over,
      againstBaseline(study, best),
    ],
    endsIn(study, model.now),
    liveState(model, study),
  );
}

/** `, ends in about 12m05s`, of a study that runs. */
function endsIn(study, now) {
  const left = study.status === "running" ? estimate(study, now) : null;
  if (left !== null && left < 1) return ", ends any moment";
  if (left === null) return "";
  return `, ends in ${hasEnded(study) ? "about" : "at most"} ${secondsText(left)}`;
}

/** `, 0.59 dB below bicubic`: how far the best trial is from the first baseline. */
function againstBaseline(study, best) {
  const { gain } = standing(best);
  if (!study.gain || gain === null) return "";
  const label = study.compared.map((line) => line.label)[0] ?? "its baseline";
  return `, ${againstText(study.gain, gain, visible(label))}`;
}

function liveState(model, study) {
  if (!model.live) return null;
  if (!model.contact?.ok) return h("span", { class: "live away" }, "no contact with the dashboard");
  const changed = model.index.find((entry) => entry.key === study.key)?.changed;
  const silent = study.status === "running" && changed ? model.now - changed : 0;
  if (silent > SILENT) {
    return h("span", { class: "live away" }, `running, but silent for ${secondsText(silent)}`);
  }
  return h("span", { class: `live ${study.status}` }, study.status);
}

/** What is wrong with any chosen study, in words. */
function problems(model, selection) {
  const asked = view.study.length ? view.study : model.index.slice(0, 1).map((one) => one.key);
  const lines = model.index
    .filter((entry) => entry.problem && asked.includes(entry.key))
    .map((one) => [one.key, one.problem]);
  for (const study of selection.studies) {
    if (study.problem && !lines.some(([key]) => key === study.key))
      lines.push([study.key, study.problem]);
  }
  return (
    lines.length > 0 &&
    h(
      "div",
      { class: "problems", role: "alert", key: "problems" },
      lines.map(([key, problem]) =>
        h(
          "p",
          {},
          h("strong", {}, h("bdi", {}, visible(key))),
          `: ${visible(problem)}`,
          selection.studies.some((study) => study.key === key) && " Shown is what was read last.",
        ),
      ),
    )
  );
}

function empty(model) {
  if (model.live && !model.index.length) {
    return h("p", { class: "empty" }, "No studies yet. They appear here as soon as one starts.");
  }
  const all = model.index.every((entry) => entry.problem);
  return h(
    "p",
    { class: "empty" },
    model.index.length && all ? "No study can be read." : "Loading …",
  );
}
