// Following running studies: asking the server, now and then, what has changed.
import { putStudy, updateStudy } from "./model.js";

const RARELY = 15000; // for a page in the background

/**
 * Keep `model` up to date with the server. `wanted()` names the studies to follow; `changed()` is
 * called after every change, also of `model.contact`, which says how the server was last met.
 */
export function follow(model, wanted, changed) {
  model.contact = { ok: true, time: Date.now(), message: "" };
  let timer = 0;
  const round = async () => {
    clearTimeout(timer);
    try {
      if (await ask(model, wanted())) changed();
      const again = !model.contact.ok;
      model.contact = { ok: true, time: Date.now(), message: "" };
      if (again) changed();
    } catch (error) {
      model.contact = { ...model.contact, ok: false, message: String(error.message ?? error) };
      changed();
    }
    timer = setTimeout(round, document.hidden ? RARELY : 1000 * model.live.every);
  };
  document.addEventListener("visibilitychange", () => !document.hidden && round());
  round();
  return round;
}

async function ask(model, keys) {
  const address = new URLSearchParams();
  for (const key of keys) {
    const study = model.studies.get(key);
    if (study) address.append("study", `${study.revision}@${key}`);
  }
  const { index, updates, now, notes } = await getJson(`api/changes?${address}`);
  model.now = now;
  let changed = JSON.stringify(index) !== JSON.stringify(model.index);
  if (changed) model.index = index;
  for (const key of keys) {
    const entry = index.find((entry) => entry.key === key);
    const study = model.studies.get(key);
    const update = updates[key];
    if (!entry || entry.problem) {
      changed =
        note(model, study, entry ? entry.problem : "This folder is no longer there.") || changed;
    } else if (
      !study ||
      !update ||
      update.identity !== study.identity ||
      update.revision < study.revision ||
      update.status !== study.status // other commands go on from it then
    ) {
      putStudy(model, key, await getJson(`api/study?key=${encodeURIComponent(key)}`));
      changed = true;
    } else {
      changed = note(model, study, null) || changed;
      changed = updateStudy(model, key, update) || changed;
      changed = (await askNotes(study, notes[key])) || changed;
    }
  }
  return changed;
}

/** Read again what people noted, where somebody has written since. */
async function askNotes(study, stamp) {
  if (study.notes_stamp === stamp) return false;
  const { notes } = await getJson(`api/notes?key=${encodeURIComponent(study.key)}`);
  Object.assign(study, { notes, notes_stamp: stamp });
  study.touched();
  return true;
}

/** Remember what is wrong with a study; what was read of it stays on the page. */
function note(model, study, problem) {
  if (!study || study.problem === problem) return false;
  study.problem = problem;
  model.version += 1;
  return true;
}

/** Send JSON to the page's own server; gives what it answers. */
export async function postJson(address, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  const got = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(got.problem ?? `the server answered ${response.status}`);
  return got;
}

/** Fetch JSON from the page's own server. */
export async function getJson(address) {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}
