// Light or dark: as the system says, unless the reader has chosen. A reader's own matter, so it is
// kept in the browser and not in the address. On paper the page is light.

const KEY = "sr-tuner theme";
const followers = new Set();
const system = matchMedia("(prefers-color-scheme: dark)");
let chosen = kept();
let paper = false;
apply();

/** Call `follow` when the theme has changed. */
export function onTheme(follow) {
  followers.add(follow);
}

/** Whether the page is dark now. */
export function isDark() {
  return document.documentElement.dataset.theme === "dark";
}

/** The other theme. */
export function switchTheme() {
  chosen = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // a file may have no storage: then the choice lasts as long as the page
  }
  apply();
}

/** Light for as long as the page is on paper. */
export function setPaper(on) {
  paper = on;
  apply();
}

function apply() {
  const dark = chosen ? chosen === "dark" : system.matches;
  document.documentElement.dataset.theme = dark && !paper ? "dark" : "light";
  for (const follow of followers) follow();
}

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

system.addEventListener("change", apply);
