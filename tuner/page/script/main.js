// The page: reads the data that stands in it, draws everything, and draws it again when a choice
// or the data changes.
//
// Read on in model.js (the data), state.js (the choices), selection.js (which trials are shown),
// then views.js, which has a module for each view.
import { patchRoot } from "./dom.js";
import { light, relight } from "./hover.js";
import { redrawPictures } from "./lens.js";
import { follow, getJson } from "./live.js";
import { forgetSlots, writtenColours } from "./colours.js";
import { forgetColours } from "./marks.js";
import { createModel } from "./model.js";
import { forgetPlots, redrawPlots } from "./plot.js";
import { select } from "./selection.js";
import { note, onChoice, view } from "./state.js";
import { onTheme, setPaper } from "./theme.js";
import { pageOf } from "./views.js";

const model = createModel(JSON.parse(document.getElementById("page-data").textContent));
let pending = false;
let refresh = null;

/** Draw the page in the next frame, however often it is asked for until then. */
function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(draw);
}

function draw() {
  pending = false;
  const selection = select(model);
  patchRoot(document.getElementById("app"), pageOf(model, selection, redraw));
  forgetPlots();
  relight();
  keepColours(selection);
  if (model.live) analyse(selection);
}

/** Colours that a fresh page would not find by itself stand in the address. */
function keepColours(selection) {
  const colour = writtenColours(selection);
  if (String(colour) !== String(view.colour)) note({ colour });
}

/** Ask the server for what takes longer to compute, once it is looked at and out of date. */
function analyse(selection) {
  for (const study of selection.studies) {
    if (!["trials", "search", "study"].includes(view.tab) && study.goals.length < 2) continue;
    const due = !study.analysis || study.analysis.at !== study.revision;
    if (!due || study.analysing || Date.now() - (study.analysed ?? 0) < 10000) continue;
    const at = study.revision;
    Object.assign(study, { analysing: true, analysed: Date.now() });
    getJson(`api/analysis?key=${encodeURIComponent(study.key)}`)
      .then((analysis) => {
        study.analysis = { ...analysis, at };
        model.version += 1;
      })
      .catch(() => {})
      .finally(() => {
        study.analysing = false;
        redraw();
      });
  }
}

onChoice((changes) => {
  if (changes.address) forgetSlots();
  if ("study" in changes || changes.address) refresh?.();
  redraw();
});

onTheme(() => {
  forgetColours();
  redrawPlots();
  redrawPictures();
  redraw();
});

addEventListener("resize", redraw); // tables and charts are laid out for the window's width
addEventListener("keydown", (event) => event.key === "Escape" && light(null));

// on paper: light, everything drawn, tables cut into widths that fit
addEventListener("beforeprint", () => setPrinting(true));
addEventListener("afterprint", () => setPrinting(false));

function setPrinting(on) {
  if (on) document.documentElement.dataset.printing = "1";
  else delete document.documentElement.dataset.printing;
  setPaper(on);
  draw();
  redrawPlots(true);
}

draw();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
if (model.live) {
  const wanted = () => {
    const chosen = view.study.filter((key) => model.index.some((entry) => entry.key === key));
    if (chosen.length) return [...new Set([...chosen, ...view.study])];
    // what is shown stays, also when a newer study has begun meanwhile
    return [...model.studies.keys(), ...model.index.map((entry) => entry.key)].slice(0, 1);
  };
  refresh = follow(model, wanted, redraw);
}
