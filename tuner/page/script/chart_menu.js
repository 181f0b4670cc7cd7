// What can be done with a chart: taken along as a picture, or read as a table.
import { announce, menu } from "./controls.js";
import { csv } from "./copy.js";
import { h } from "./dom.js";
import { drawChart, TEXT } from "./drawing.js";
import { saveFile, showTable } from "./files.js";
import { colour, slotColour } from "./marks.js";
import { SvgContext } from "./svg.js";
import { zoomed } from "./zoom.js";

const HEAD = 30;
const LINE = 20;

/** The menu of a chart, beside its title. */
export function chartMenu(spec) {
  const item = (text, act) =>
    h(
      "button",
      {
        type: "button",
        class: "plain",
        onclick: (event) => {
          event.currentTarget.closest("details").open = false;
          act(event.currentTarget.closest("figure").querySelector(".canvas"));
        },
      },
      text,
    );
  return menu(
    h(
      "span",
      {},
      h("span", { class: "unseen" }, `Save or read ${spec.title}`),
      h("span", { "aria-hidden": "true" }, "⋯"),
    ),
    { class: "menu small", "data-menu": "chart" },
    item("Save as PNG", (element) => savePng(spec, element)),
    item("Save as SVG", (element) => saveSvg(spec, element)),
    spec.table && item("Show the data", () => showTable(spec.title, spec.table(), csv)),
  );
}

function savePng(spec, element) {
  const [width, height] = sizeOf(spec, element);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 2 * width, height: 2 * height });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  paintFigure(context, spec, width, height);
  canvas.toBlob((blob) => {
    saveFile(blob, `${fileName(spec)}.png`);
    announce("Saved as PNG");
  });
}

function saveSvg(spec, element) {
  const [width, height] = sizeOf(spec, element);
  const measure = document.createElement("canvas").getContext("2d");
  const context = new SvgContext(width, height, measure);
  paintFigure(context, spec, width, height);
  saveFile(new Blob([String(context)], { type: "image/svg+xml" }), `${fileName(spec)}.svg`);
  announce("Saved as SVG");
}

/** The chart with its title above and its legend below. */
function paintFigure(context, spec, width, height) {
  const named = spec.legend?.() ?? [];
  context.fillStyle = colour("--surface");
  context.fillRect(0, 0, width, height);
  context.fillStyle = colour("--text");
  context.font = `bold ${TEXT}`;
  context.textBaseline = "top";
  context.textAlign = "left";
  context.fillText(spec.title, 10, 8);
  context.save();
  context.translate(10, HEAD);
  drawChart(context, zoomed(spec), width - 20, height - HEAD - 10 - rowsOf(named, width) * LINE);
  context.restore();
  context.font = TEXT;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const across = perRow(width);
  const top = height - 4 - rowsOf(named, width) * LINE;
  named.forEach(({ slot, name }, index) => {
    const x = 14 + (index % across) * 180;
    const y = top + Math.floor(index / across) * LINE + LINE / 2;
    context.fillStyle = slotColour(slot);
    context.fillRect(x, y - 1.5, 16, 3);
    context.fillStyle = colour("--text");
    context.fillText(name, x + 22, y);
  });
}

const perRow = (width) => Math.max(1, Math.floor((width - 20) / 180));
const rowsOf = (named, width) => Math.ceil(named.length / perRow(width));

function sizeOf(spec, element) {
  const [width, height] = [element.clientWidth + 20, element.clientHeight + HEAD + 10];
  return [width, height + rowsOf(spec.legend?.() ?? [], width) * LINE];
}

function fileName(spec) {
  return spec.title.replace(/[^\w.-]+/g, "-").replace(/^-|-$/g, "");
}
