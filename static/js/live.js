// A live page: it polls the server and applies what changed. It never replaces a field that somebody is typing in.
// Used by room.js and wrap_up.js; needs an element with data-live-url.

const OFTEN = 2_000;
const SELDOM = 30_000; // while the tab is in the background
const PATIENCE = 10_000;
const MINE = 3_000; // after my own press, changes are not announced

const byId = (id) => document.getElementById(id);
const { announce, draftOf } = window.throughline;

// `root` holds the address and the texts; `keepUp` runs whenever the page may be out of date.
function live(root, { keepUp, setClock }) {
  let etag = "";
  let next = setTimeout(ask, 500);
  let asking = null;
  let pressedAt = -MINE;
  let failed = 0;
  let news = null; // what the other person changed
  let stopped = false;

  async function ask() {
    clearTimeout(next);
    if (asking || stopped) return;
    asking = new AbortController();
    const impatience = setTimeout(() => asking.abort(), PATIENCE);
    try {
      const background = document.hidden ? "?background" : "";
      const response = await fetch(root.dataset.liveUrl + background, {
        headers: { "HX-Request": "true", "HX-Current-URL": location.href, "If-None-Match": etag },
        signal: asking.signal,
        cache: "no-store",
      });
      if (response.status === 200 && response.headers.get("ETag")) {
        etag = response.headers.get("ETag");
        takeIn(await response.text());
      } else if (response.status !== 304) throw new Error(response.status);
      setClock?.(response.headers.get("Date"));
      connected(true);
    } catch (why) {
      if (why !== MINE) connected(false);
    } finally {
      clearTimeout(impatience);
      asking = null;
      next = setTimeout(ask, document.hidden ? SELDOM : OFTEN);
    }
  }

  function takeIn(html) {
    news = performance.now() - pressedAt > MINE ? new Set() : null;
    const answer = document.createElement("template");
    answer.innerHTML = html;
    // Ignore the parts that this page does not show.
    for (const part of [...answer.content.children]) byId(part.id) ?? part.remove();
    htmx.swap(root, answer.innerHTML, { swapStyle: "none" });
    if (news?.size) announce(`${root.dataset.changed} ${[...news].join(", ")}`);
    news = null;
    keepUp();
  }

  function connected(yes) {
    const away = byId("away");
    if (yes && failed > 1) announce(root.dataset.back);
    failed = yes ? 0 : failed + 1;
    if (failed === 2) announce(root.dataset.away);
    if (away) away.hidden = failed < 2;
  }

  // An unchanged part is not replaced, so focus stays and no press is lost. A changed one is announced.
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    const { target, fragment } = detail;
    const fresh = fragment.firstElementChild;
    if (fresh?.dataset.live && fresh.dataset.live === target.dataset.live) detail.shouldSwap = false;
    if (!fresh || !detail.shouldSwap) return;
    keepUnfolded(fresh);
    news?.add((target.closest("[data-announce]")?.dataset.announce ?? labelOf(target)) || "");
    news?.delete("");
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig?.verb === "get") return;
    pressedAt = performance.now();
    asking?.abort(MINE); // it may know less than my answer
    clearTimeout(next);
    next = setTimeout(ask, 150);
  });
  document.addEventListener("htmx:afterSettle", keepUp);
  document.addEventListener("focusout", () => setTimeout(keepUp, 400));
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

  return {
    stop: () => { stopped = true; },
    askWhole: () => { etag = ""; },
  };
}

const labelOf = (target) => target.closest(".text")?.querySelector(".text-label")?.textContent.trim().toLowerCase();

// Keep open what is unfolded.
function keepUnfolded(fresh) {
  for (const folded of fresh.querySelectorAll("details[id]")) folded.open = byId(folded.id)?.open ?? folded.open;
}

// Whether somebody is typing

const fields = (root) => [...root.querySelectorAll("textarea, select, input:not([type=hidden])")];
function unsaved(field) {
  if (field.dataset.autosave) return draftOf(field).unsaved;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}
const writing = (root) => fields(root).some((field) => field === document.activeElement || unsaved(field));

window.throughline = { ...window.throughline, live, keepUnfolded, fields, unsaved, writing };
