// What people note down: stars, tags and notes on trials, and views under a name. The dashboard
// keeps them with the study; a file shows them.
import { announce, iconButton, menu } from "./controls.js";
import { h } from "./dom.js";
import { visible } from "./format.js";
import { postJson } from "./live.js";
import { noteOf } from "./model.js";
import { choose, readAddress, view, writeAddress } from "./state.js";

const drafts = new Map(); // trial id -> {tags, text} that are being written

/** Star, tags and note of a trial: to be written where a dashboard keeps them. */
export function notesOf(trial, model, redraw) {
  const kept = noteOf(trial);
  if (!model.live) return shown(kept);
  const draft = drafts.get(trial.id) ?? { tags: kept.tags.join(", "), text: kept.text };
  const edit = (change) => drafts.set(trial.id, { ...draft, ...drafts.get(trial.id), ...change });
  const keep = () => {
    const { tags, text } = drafts.get(trial.id) ?? draft;
    keepNote(trial, { star: kept.star, tags: split(tags), text }, redraw);
  };
  return h(
    "div",
    { class: "notes", key: "notes" },
    iconButton(
      "star",
      kept.star ? "Remove the star" : "Give it a star",
      () => keepNote(trial, { ...kept, star: !kept.star }, redraw),
      { "data-do": "star", "aria-pressed": String(kept.star) },
    ),
    h("input", {
      type: "text",
      "aria-label": "Tags, with commas between them",
      placeholder: "tags, with commas",
      value: draft.tags,
      oninput: (event) => edit({ tags: event.target.value }),
      onchange: keep,
    }),
    h("textarea", {
      rows: 2,
      "aria-label": "Note",
      placeholder: "note",
      value: draft.text,
      oninput: (event) => edit({ text: event.target.value }),
      onchange: keep,
    }),
  );
}

function shown({ star, tags, text }) {
  if (!star && !tags.length && !text) return null;
  return h(
    "div",
    { class: "notes", key: "notes" },
    star && h("span", { class: "star", role: "img", "aria-label": "starred" }, "★"),
    tags.map((tag) => h("span", { class: "tag", key: tag }, visible(tag))),
    text && h("p", {}, text.split("\n").map(visible).join("\n")),
  );
}

const split = (tags) => [
  ...new Set(
    tags
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

async function keepNote(trial, note, redraw) {
  const kept = await send(trial.study, { trial: trial.name, note });
  const draft = drafts.get(trial.id);
  // what was written on meanwhile stays a draft
  const whole =
    draft && draft.text === note.text && String(split(draft.tags)) === String(note.tags);
  if (kept && whole) drafts.delete(trial.id);
  redraw();
}

/** Send a change, one after the other; what is noted then comes back. */
async function send(study, change) {
  const address = `api/notes?key=${encodeURIComponent(study.key)}`;
  const turn = (study.sending ?? Promise.resolve()).then(() => postJson(address, change));
  study.sending = turn.catch(() => {});
  try {
    takeNotes(study, await turn);
    return true;
  } catch (error) {
    announce(`Not saved: ${error.message}`);
    return false;
  }
}

/** What is noted now, as the server says. */
function takeNotes(study, { notes, stamp }) {
  Object.assign(study, { notes, notes_stamp: stamp });
  study.touched();
}

/** The views that have a name, in a menu: to go to, and in a dashboard to keep and to drop. */
export function viewMenu(model, selection, redraw) {
  const [study] = selection.studies;
  const named = selection.studies.flatMap((study) =>
    (study.notes?.views ?? []).map((row) => [study, row]),
  );
  if (!study || (!model.live && !named.length)) return null;
  const put = async (one, views) => {
    await send(one, { views });
    redraw();
  };
  const keep = (event) => {
    event.preventDefault();
    const name = event.target.elements[0].value.trim();
    if (!name) return;
    event.target.elements[0].value = "";
    const rest = study.notes.views.filter((row) => row.name !== name);
    put(study, [...rest, { name, address: writeAddress(view) }]);
  };
  const drop = (one, name) =>
    put(
      one,
      one.notes.views.filter((row) => row.name !== name),
    );
  return menu(
    "Views",
    { "data-menu": "views" },
    !named.length &&
      h("p", { class: "note" }, "Saved views can be seen by everybody who opens this study."),
    named.map(([one, { name, address }]) =>
      h(
        "span",
        { class: "ordered", key: `${one.key} ${name}` },
        h(
          "button",
          { type: "button", class: "plain name", onclick: () => go(address) },
          visible(name),
        ),
        model.live && iconButton("close", `Delete the view ${name}`, () => drop(one, name)),
      ),
    ),
    model.live &&
      h(
        "form",
        { class: "value-filter", onsubmit: keep },
        h("strong", {}, "Keep this view as"),
        h("input", {
          type: "text",
          "aria-label": "Name of the view",
          placeholder: "name",
          maxlength: 80,
        }),
        h("button", { type: "submit" }, "Keep"),
      ),
  );
}

function go(address) {
  const { tab, ...rest } = readAddress(address);
  choose({ ...rest, tab, colour: rest.colour });
}
