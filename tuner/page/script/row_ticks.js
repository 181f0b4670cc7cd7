// Which settings and metrics are shown, as ticks by group: the rows of one table, the columns of
// the other.
import { tick } from "./controls.js";
import { h } from "./dom.js";
import { rowChoices } from "./rows.js";
import { choose, view } from "./state.js";

export function rowTicks(known) {
  return rowChoices(known)
    .filter((group) => group.choices.length)
    .map((group) =>
      h(
        "fieldset",
        {},
        h("legend", {}, group.title),
        group.choices.map((choice) =>
          tick(choice.label, isOn(choice), (to) => change(choice, to)),
        ),
      ),
    );
}

function isOn(choice) {
  return choice.atFirst ? !view.norow.includes(choice.id) : view.row.includes(choice.id);
}

function change(choice, on) {
  const [without, key] = choice.atFirst ? [!on, "norow"] : [on, "row"];
  const rest = view[key].filter((id) => id !== choice.id);
  choose({ [key]: without ? [...rest, choice.id] : rest });
}
