// What every page shares: the CSRF token, focus and announcements after a swap, messages that stay long enough.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- The CSRF token: one place, so that a sign-in in another tab needs no reload -------------------------------

const token = $('meta[name="csrf-token"]');
export const csrfToken = () => token.content;
export const renewCsrfToken = (fresh) => {
  if (!fresh) return false;
  token.content = fresh;
  for (const input of all('input[name="csrfmiddlewaretoken"]')) input.value = fresh;
  return true;
};

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
  detail.parameters.delete?.("csrfmiddlewaretoken");
  delete detail.parameters.csrfmiddlewaretoken;
});

// A stale token is answered with a fresh one; the same press is tried once more.
document.addEventListener("htmx:responseError", ({ detail }) => {
  const { xhr, requestConfig, elt } = detail;
  const fresh = xhr.status === 403 && xhr.getResponseHeader("X-CSRFToken");
  if (fresh && renewCsrfToken(fresh) && !requestConfig.headers["X-Again"]) {
    htmx.ajax(requestConfig.verb, requestConfig.path, {
      source: elt, target: requestConfig.target, values: requestConfig.parameters, headers: { "X-Again": "1" },
    });
    return;
  }
  announce(xhr.getResponseHeader("X-Say") || document.body.dataset.failed);
});
document.addEventListener("htmx:sendError", () => announce(document.body.dataset.offline));
document.addEventListener("htmx:timeout", () => announce(document.body.dataset.offline));

// --- Announcements: one polite region, joined at most once per five seconds ------------------------------------

const PAUSE = 5000;
let waiting = [], spokenAt = -PAUSE, timer;
export function announce(text) {
  if (!text || waiting.includes(text)) return;
  waiting.push(text.trim());
  clearTimeout(timer);
  timer = setTimeout(speak, Math.max(100, spokenAt + PAUSE - performance.now()));
}
function speak() {
  spokenAt = performance.now();
  $("#status").textContent = waiting.join(". ");
  waiting = [];
}

// --- Messages: read aloud, shown at least ten seconds, longer while somebody is on them ------------------------

const LIFE = 12000;
function welcome(message) {
  if (message.dataset.seen) return;
  message.dataset.seen = "1";
  announce($("[data-undo]", message) ? `${message.firstElementChild.textContent}. ${$("[data-undo] button", message).firstChild.textContent}` : message.textContent);
  if (message.matches(".notice-error, .notice-warn")) return;
  const leave = () => (message.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : message.remove());
  setTimeout(leave, LIFE);
}

// --- Focus: an error first, never lost -------------------------------------------------------------------------

let pressed = null;
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.requestConfig.verb !== "get") pressed = { id: document.activeElement?.id, near: detail.target };
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  all("[data-message]").forEach(welcome);
  const summary = $(".error-summary");
  document.title = document.title.replace(/^[^:]*: (?=.)/, (start) => (document.title.startsWith(errorPrefix()) ? "" : start));
  if (summary) document.title = errorPrefix() + document.title;
  if (detail.xhr?.status === 422) {
    ($(".error-summary", detail.elt.isConnected ? detail.elt : document) || $('[aria-invalid="true"]'))?.focus();
  } else if (pressed && (!document.activeElement || document.activeElement === document.body)) {
    keepFocus(detail.elt.isConnected ? detail.elt : null);
  }
  pressed = null;
});
const errorPrefix = () => `${document.body.dataset.error}: `;

function keepFocus(swapped) {
  const again = pressed.id && document.getElementById(pressed.id);
  const near = swapped || (pressed.near?.id && document.getElementById(pressed.near.id)) || $("main");
  const target = again || $("[data-focus]", near) || $("a[href], button:not([disabled]), input:not([type=hidden]), textarea, select, summary", near) || near;
  if (target === near && !near.hasAttribute("tabindex")) near.tabIndex = -1;
  target.focus({ preventScroll: target === near });
}

// --- Busy: a quiet line after half a second --------------------------------------------------------------------

let busy = 0;
const quiet = (detail) => detail.requestConfig.verb === "get";
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (quiet(detail)) return;
  busy += 1;
  setTimeout(() => busy && document.documentElement.classList.add("is-busy"), 500);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (quiet(detail)) return;
  busy = Math.max(0, busy - 1);
  if (!busy) document.documentElement.classList.remove("is-busy");
});

// --- Small comforts --------------------------------------------------------------------------------------------

all("[data-message]").forEach(welcome);
$(".error-summary")?.focus();

const zone = $("[data-guess-zone]");
if (zone) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = !zone.options || [...zone.options].some((option) => option.value === guess);
  if (guess && known && zone.dataset.guessZone !== "confirmed") zone.value = guess;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-autosubmit]")) target.form.requestSubmit();
});

for (const menu of all("details.menu")) {
  document.addEventListener("click", ({ target }) => menu.contains(target) || (menu.open = false));
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    $("summary", menu).focus();
  });
}
