// The session room. It never replaces a field that somebody is typing in.

const room = document.getElementById("room");
const byId = (id) => document.getElementById(id);
const { announce, draftOf, live, writing, fields, unsaved } = window.throughline;

// The running block is replaced only while nobody is typing in it

function keepUp() {
  const cue = room.querySelector("[data-cue]");
  if (!cue) return;
  const now = byId("now");
  const elsewhere = cue.dataset.state !== room.dataset.state;
  const stale = elsewhere || (now && now.dataset.mark !== cue.dataset.cue);
  const wait = stale && writing(room);
  cue.hidden = !wait;
  if (!stale || wait) return;
  if (elsewhere) location.reload();
  else showNow();
}

let fetching = false;
async function showNow() {
  if (fetching) return;
  fetching = true;
  const inside = byId("now").contains(document.activeElement);
  const before = byId("now").dataset.mark;
  try {
    await htmx.ajax("GET", room.dataset.nowUrl, { source: room, target: "#now", swap: "none" });
  } finally {
    fetching = false;
  }
  const now = byId("now");
  if (now.dataset.mark === before) return;
  if (inside && !now.contains(document.activeElement)) now.focus({ preventScroll: true });
}

room.addEventListener("draft:saved", () => setTimeout(keepUp, 0));
room.addEventListener("click", async (event) => {
  if (event.target.id !== "cue-go" || room.querySelector("[data-cue]").dataset.state !== room.dataset.state) return;
  event.preventDefault();
  await saved(room);
  await showNow();
  byId("now").focus();
});

// Save what is typed before a press replaces it.
const saved = (root) => Promise.race([
  Promise.all(fields(root).filter((field) => field.dataset.autosave && unsaved(field)).map((field) => draftOf(field).save())),
  new Promise((done) => setTimeout(done, 1_500)),
]);
document.addEventListener("htmx:confirm", (event) => {
  const now = byId("now");
  if (event.detail.verb === "get" || !event.target.matches('[form="press"]') || !now || !writing(now)) return;
  event.preventDefault();
  saved(now).then(() => event.detail.issueRequest(true));
});

// The timer informs; it never blocks anything

let ahead = room.dataset.serverNow ? Number(room.dataset.serverNow) * 1000 - Date.now() : 0;
let rung = "";
const seconds = () => Math.floor((Date.now() + ahead) / 1000);
const minutes = (total) => `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;

function setClock(header) {
  const server = Date.parse(header ?? "");
  if (server && Math.abs(server - Date.now() - ahead) > 2_000) ahead = server - Date.now();
}

function tick() {
  for (const clock of room.querySelectorAll("[data-clock]")) {
    const { since, planned, spent, up } = clock.dataset;
    const used = spent === undefined ? Math.max(0, seconds() - since) : Number(spent);
    const late = used - planned;
    const words = clock.nextElementSibling;
    clock.parentElement.classList.toggle("is-over", late > 0);
    clock.textContent = minutes(Math.abs(late));
    words.textContent = late > 0 ? words.dataset.over : words.dataset.left;
    const bar = clock.closest("li")?.querySelector("[data-clock-bar]");
    if (bar) bar.value = Math.min(used, bar.max);
    if (late >= 0 && late < 5 && rung !== since) {
      rung = since;
      announce(up);
    }
  }
  const line = document.querySelector("[data-hour]");
  if (line) {
    const passed = Math.min(100, Math.max(0, ((seconds() - line.dataset.hour) / line.dataset.of) * 100));
    const left = line.querySelector(".h-left");
    left.setAttribute("x", `${passed}%`);
    left.setAttribute("width", `${100 - passed}%`);
    line.querySelector(".h-now").setAttribute("x", `${passed}%`);
  }
  const wrapUp = byId("wrap-up");
  if (wrapUp?.dataset.soon && seconds() >= Number(wrapUp.dataset.soonAt)) {
    announce(wrapUp.dataset.soon);
    delete wrapUp.dataset.soon;
  }
}

// Keyboard shortcuts: never in a field or while typing

const help = byId("keys-help");
const AT_ONCE = 500;
let keyAt = -AT_ONCE;

const go = (id) => byId(id)?.focus();
function showHelp(open) {
  help.hidden = !open;
  byId("keys").setAttribute("aria-expanded", open);
  go(open ? "keys-help" : "keys");
}
const KEYS = {
  n: () => byId("next-block")?.click(),
  c: () => go("capture-commitment"),
  "/": () => go("capture-item"),
  "?": () => showHelp(help.hidden),
};

if (help) {
  byId("keys").addEventListener("click", () => showHelp(help.hidden));
  byId("keys-close").addEventListener("click", () => showHelp(false));
  help.addEventListener("keydown", ({ key }) => key === "Escape" && showHelp(false));
  if (help.dataset.keys) document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (!Object.hasOwn(KEYS, event.key)) {
      if (/^\S$/.test(event.key)) keyAt = performance.now();
      return;
    }
    if (performance.now() - keyAt < AT_ONCE || document.querySelector(".htmx-request:not(#next-block)")) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}

document.addEventListener("click", (event) => {
  const to = event.target.closest?.('a[href^="#capture-"]');
  if (!to) return;
  event.preventDefault();
  go(to.hash.slice(1));
});

byId("print")?.addEventListener("click", () => print());

// Announce what a line added

document.addEventListener("htmx:afterSwap", () => {
  for (const form of document.querySelectorAll("[data-added]")) {
    announce(form.dataset.added);
    delete form.dataset.added;
  }
});

// Start

const fold = byId("agenda-fold");
if (fold) fold.open = matchMedia("(width >= 70rem)").matches;
tick();
setInterval(tick, 1_000);
document.addEventListener("htmx:afterSettle", tick);
live(room, { keepUp, setClock });
