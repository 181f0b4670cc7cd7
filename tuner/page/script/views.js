// The whole page as a tree of nodes: the list of trials, the view of the chosen tab, the drawer.
import { catalogue } from "./catalogue.js";
import { compareView } from "./compare.js";
import { curvesView } from "./curves.js";
import { drawer } from "./drawer.js";
import { frame } from "./frame.js";
import { picturesView } from "./pictures.js";
import { searchView } from "./search.js";
import { view } from "./state.js";
import { studyView } from "./study.js";
import { tableView } from "./table.js";
import { trialList } from "./trials.js";

const VIEWS = {
  compare: (selection, known, model, redraw) => compareView(selection, known, redraw),
  trials: (selection, known, model, redraw) => tableView(selection, known, redraw),
  curves: (selection, known) => curvesView(selection, known),
  pictures: (selection, known, model, redraw) => picturesView(selection, model, redraw),
  search: (selection, known, model) => searchView(selection, known, model),
  study: (selection) => studyView(selection),
};

/** The nodes of the page; `redraw` draws it again. */
export function pageOf(model, selection, redraw) {
  const known = catalogue(selection, model);
  const show = VIEWS[view.tab] ?? VIEWS.compare;
  const parts = {
    list: view.aside && trialList(selection, known, redraw),
    view: selection.studies.length ? show(selection, known, model, redraw) : null,
    drawer: view.trial && drawer(selection, known, model, redraw),
  };
  return frame(model, selection, parts, redraw);
}
