// The one trial under the pointer or the focus, lit up everywhere on the page at once. This goes
// around the drawing of the whole page, so that it follows the pointer.

const followers = new Set();
let lit = null;

/** The id of the trial that is lit, or null. */
export function litTrial() {
  return lit;
}

/** Light a trial up (null: none). */
export function light(id) {
  if (id === lit) return;
  lit = id;
  relight();
  for (const follow of followers) follow(id);
}

/** Mark the elements of the lit trial; also after the page was drawn anew. */
export function relight() {
  for (const element of document.querySelectorAll("[data-lit]")) {
    if (element.dataset.trial !== lit) delete element.dataset.lit;
  }
  if (lit === null) return;
  for (const element of document.querySelectorAll(`[data-trial="${CSS.escape(lit)}"]`)) {
    element.dataset.lit = "";
  }
}

/** Call `follow` with every trial that is lit. */
export function onLight(follow) {
  followers.add(follow);
}

// every element that stands for a trial says so in `data-trial`
const trialOf = (element) => element.closest?.("[data-trial]")?.dataset.trial ?? null;

document.addEventListener("pointerover", ({ target }) => light(trialOf(target)));
document.documentElement.addEventListener("pointerleave", () => light(null));
document.addEventListener("focusin", ({ target }) => {
  const id = trialOf(target);
  if (id !== null) light(id);
});
