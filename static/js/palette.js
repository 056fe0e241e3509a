// The search dialog and the list of shortcuts. app.js loads this when one of them is asked for.

const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const { search } = document.body.dataset;

let coming;
export async function open(what) {
  if (document.querySelector("dialog[open]")) return;
  coming ??= load();
  await coming;
  const dialog = byId(what);
  if (!dialog) {
    coming = null;
    if (what === "palette") location.assign(search);
    return;
  }
  for (const row of all("[data-needs]", dialog)) row.hidden = !document.querySelector(row.dataset.needs);
  if (!dialog.open) dialog.showModal();
  byId("palette").querySelector("input").select();
  choose(options()[0]);
}

async function load() {
  const place = document.createElement("div");
  document.body.append(place);
  try {
    await htmx.ajax("GET", search, { source: place, target: place });
  } catch {
    // The page for people without this script is opened in its place.
  }
  if (!byId("palette")) return place.remove();
  if (/Mac|iP/.test(navigator.platform)) for (const key of all("[data-command]")) key.textContent = "⌘";
  for (const dialog of all("dialog", place)) {
    dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("[data-close], a")) && dialog.close());
  }
  const input = byId("palette").querySelector("input");
  input.addEventListener("keydown", move);
  byId("palette-results").addEventListener("htmx:afterSwap", () => {
    choose(options()[0]);
    const count = byId("palette-results").querySelector("[data-result-count]");
    byId("palette-status").textContent = count?.dataset.resultCount ?? "";
  });
}

const options = () => all('[role="option"]', byId("palette-results"));
const chosen = () => byId("palette-results").querySelector('[aria-selected="true"]');

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", one === option);
  byId("palette").querySelector("input").setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

function move(event) {
  const { key, target, isComposing } = event;
  const rows = options();
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (isComposing || !rows.length) return;
  if (step) {
    event.preventDefault();
    choose(rows[(rows.indexOf(chosen()) + step + rows.length) % rows.length]);
  } else if (key === "Enter" && target.value.trim().replace(/\s+/g, " ") === chosen()?.closest("[data-asked]").dataset.asked) {
    // Results of an earlier text are not opened: then the form leads to the search page.
    event.preventDefault();
    chosen().click();
  }
}
