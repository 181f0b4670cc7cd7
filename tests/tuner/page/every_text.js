// What the page says, as [{study, view, trial, texts}] of its trees and [{study, chart, ...}] of its
// charts; `given` are the page's data and the choices. Runs without a browser (scripting.py).
const model = model_js.createModel(given.data);
const said = [];
const charts = [];
globalThis.getComputedStyle = () => ({ getPropertyValue: () => "#123456" });
const measure = { measureText: (text) => ({ width: 6 * text.length }) };
const SPOKEN = ["title", "aria-label", "aria-valuetext", "placeholder"];
const CONTROLS = ["toolbar", "menu-panel", "palette"]; // what they say is no result

for (const keys of given.together) {
  const key = keys.join(" ");
  Object.assign(state_js.view, { study: keys, ...given.choices });
  const selection = selection_js.select(model);
  const known = catalogue_js.catalogue(selection, model);
  state_js.view.row = rows_js.rowChoices(known).flatMap((group) =>
    group.choices.filter((one) => !one.atFirst).map((one) => one.id));
  const readChart = (view, spec) => {
    const texts = [];
    const context = new svg_js.SvgContext(700, spec.height ?? 220, measure);
    context.fillText = (text) => texts.push(text);
    const frame = drawing_js.drawChart(context, spec, 700, spec.height ?? 220);
    const ticks = (axis, found) => (found ?? []).map((tick) => [axis.format(tick), tick]);
    const points = (spec.stops?.(frame) ?? []).flat();
    charts.push({
      study: key, view, chart: spec.key,
      // parallel axes draw their ticks themselves, of the same axes as those of other charts
      texts: [...(spec.bare ? [] : texts), spec.title, spec.note ?? "", spec.label],
      ticks: spec.bare ? [] : [...ticks(spec.x, frame.xTicks), ...ticks(spec.y, frame.yTicks)],
      points: points.map((stop) => [stop.trial?.id ?? null, stop.lines]),
      picked: points.map((stop) => spec.pick(stop, frame)).filter(Boolean)
        .map(({ trial, lines }) => [trial?.id ?? null, lines]),
      crossed: points.map((stop) => spec.cross?.(stop, frame, stop.trial)).filter(Boolean)
        .map(({ title, rows }) => [title, rows.map(({ name, text }) => [name, text])]),
      table: spec.table ? spec.table() : null,
    });
  };
  const walk = (view, node, trial) => {
    if (typeof node === "string") {
      said.push([key, view, trial, node]);
      return;
    }
    const { props } = node;
    if (CONTROLS.some((name) => String(props.class ?? "").split(" ").includes(name))) return;
    const own = props["data-trial"] ?? trial;
    for (const name of SPOKEN) if (props[name]) said.push([key, view, own, String(props[name])]);
    if (props.class === "canvas") {
      const element = { surface: { spec: null, pending: true } };
      props.hook(element);
      readChart(view, element.surface.spec);
    }
    // a number may stand in several pieces of text: they are read as one where nothing is between
    if (node.children.every((child) => typeof child === "string")) {
      if (node.children.length) said.push([key, view, own, node.children.join("")]);
      return;
    }
    for (const child of node.children) walk(view, child, own);
  };
  const draw = (view) => views_js.pageOf(model, selection, () => {})
    .filter(Boolean).forEach((node) => walk(view, node, null));
  for (const tab of ["compare", "trials", "curves", "pictures", "search", "study"]) {
    Object.assign(state_js.view, { tab, trial: "", aside: true });
    draw(tab);
  }
  for (const trial of selection.all) {
    Object.assign(state_js.view, { tab: "pictures", aside: false, trial: trial.id });
    draw("drawer");
  }
}
const once = [...new Set(said.map((one) => JSON.stringify(one)))].map((one) => JSON.parse(one));
return { said: once, charts };
