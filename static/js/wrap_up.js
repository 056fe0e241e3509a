// The wrap-up page, and the recap while closing can be undone. A change from another device is shown at once, except
// in a part that somebody is typing in: there it is held back until they are done.

const page = document.getElementById("wrap-up-live");
const main = document.getElementById("main");
const byId = (id) => document.getElementById(id);
const { live, keepUnfolded, writing } = window.throughline;

const held = new Map(); // id of a part -> how it is now
let leaving = false;
const polling = live(page, { keepUp }); // first: its talk_request_recipients skip unchanged parts

// After an error, the typed values are shown again and count as untouched.
const busy = (part) => writing(part) || part.querySelector('.error-summary, [aria-invalid="true"]') !== null;

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { target, fragment } = detail;
  if (!target.matches("[data-part]")) return;
  held.delete(target.id);
  if (!detail.shouldSwap || !busy(target)) return;
  detail.shouldSwap = false;
  held.set(target.id, fragment.firstElementChild.outerHTML);
});

function keepUp() {
  for (const [id, html] of held) {
    if (busy(byId(id))) continue;
    held.delete(id);
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    keepUnfolded(fresh.content);
    htmx.swap(byId(id), fresh.innerHTML, { swapStyle: "outerHTML" });
  }
  for (const note of document.querySelectorAll("[data-held]")) note.hidden = !held.has(note.closest("[data-part]").id);
  const cue = byId("wrap-up-cue");
  const elsewhere = cue.dataset.state !== page.dataset.state;
  const wait = elsewhere && (page.dataset.refused !== undefined || busy(main));
  cue.hidden = !wait;
  if (elsewhere && !wait && !leaving) location.replace(cue.querySelector("a").href);
  if (cue.dataset.settled !== undefined && !elsewhere) polling.stop();
}

// After a press here, a held-back part may be older than the answer.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.verb === "get") return;
  held.clear();
  polling.askWhole();
});
document.addEventListener("submit", ({ target }) => { leaving = !target.matches("[hx-post]"); });
