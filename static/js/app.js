const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// One CSRF token, so that a sign-in in another tab needs no reload

const token = $('meta[name="csrf-token"]');
function renewToken(fresh) {
  token.content = fresh;
  for (const input of all('input[name="csrfmiddlewaretoken"]')) input.value = fresh;
}
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "get") return;
  detail.headers["X-CSRFToken"] = token.content;
  delete detail.parameters.csrfmiddlewaretoken;
});

// A stale token is answered with a fresh one; the press is tried once more.
document.addEventListener("htmx:responseError", ({ detail: { xhr, requestConfig, elt } }) => {
  const fresh = xhr.status === 403 && xhr.getResponseHeader("X-CSRFToken");
  if (fresh && !requestConfig.headers["X-Again"]) {
    renewToken(fresh);
    const { verb, path, target, formData } = requestConfig;
    htmx.ajax(verb, path, { source: elt, target, values: formData, headers: { "X-Again": "1" } });
  } else {
    tell(document.body.dataset.failed);
  }
});
for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, ({ detail }) => isAction(detail) && tell(document.body.dataset.offline));
}
const isAction = ({ requestConfig }) => requestConfig.verb !== "get";

// One polite region, joined once per five seconds

let waiting = [], spokenAt = -5000, timer;
function announce(text) {
  if (!text || waiting.includes(text)) return;
  waiting.push(text.trim());
  clearTimeout(timer);
  timer = setTimeout(speak, Math.max(100, spokenAt + 5000 - performance.now()));
}
window.throughline = { ...window.throughline, announce };
function speak() {
  spokenAt = performance.now();
  $("#status").textContent = waiting.join(". ");
  waiting = [];
}

// Messages: read aloud, shown ten seconds or longer

function welcome(message) {
  if (message.dataset.seen) return;
  message.dataset.seen = "1";
  const undo = $("[data-undo] button", message);
  announce(undo ? `${message.firstElementChild.textContent}. ${undo.firstChild.textContent}` : message.textContent);
  if (message.matches(".notice-error, .notice-warn")) return;
  const leave = () => (message.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : message.remove());
  setTimeout(leave, 12000);
}

// What went wrong, until the next action arrives.
function tell(text) {
  $("#messages [data-trouble]")?.remove();
  const notice = Object.assign(document.createElement("div"), { className: "notice notice-warn", textContent: text });
  notice.dataset.message = notice.dataset.trouble = "";
  $("#messages").append(notice);
  welcome(notice);
}
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status < 400 && isAction(detail)) $("#messages [data-trouble]")?.remove();
});

// Focus: an error first, never lost

let pressed = null;
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target } }) => {
  const { activeElement } = document;
  if (elt.contains(activeElement)) pressed = { elt, id: activeElement.id, near: target?.id, opens: elt.dataset.opens };
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  all("[data-message]").forEach(welcome);
  const start = errorPrefix();
  const title = document.title.startsWith(start) ? document.title.slice(start.length) : document.title;
  document.title = $('.error-summary, [aria-invalid="true"]') ? start + title : title;
  if (detail.xhr?.status === 422) {
    ($(".error-summary", detail.elt) || $('[aria-invalid="true"]', detail.elt) || $(".error-summary"))?.focus();
  } else if (pressed && (pressed.opens || [null, document.body].includes(document.activeElement))) {
    keepFocus(pressed);
  }
  if (pressed?.elt === detail.requestConfig?.elt) pressed = null;
});
const errorPrefix = () => `${document.body.dataset.error}: `;

const within = "a[href], button:not([disabled]), input:not([type=hidden]), textarea, select, summary";
function keepFocus({ id, near, opens }) {
  const place = (near && document.getElementById(near)) || $("main");
  const target = (opens && $(opens)) || (id && document.getElementById(id)) || $("[data-focus]", place) || $(within, place) || place;
  if (target === place) place.tabIndex = -1;
  target.focus();
}

// A quiet line when it takes long

let busy = 0;
const count = (by) => ({ detail }) => {
  if (!isAction(detail)) return;
  busy += by;
  setTimeout(() => document.documentElement.classList.toggle("is-busy", busy > 0), by > 0 ? 500 : 0);
};
document.addEventListener("htmx:beforeSend", count(1));
document.addEventListener("htmx:afterRequest", count(-1));

all("[data-message]").forEach(welcome);
$(".error-summary")?.focus();

const zone = $("[data-guess-zone]");
if (zone) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = !zone.options || [...zone.options].some((option) => option.value === guess);
  if (guess && known && zone.dataset.guessZone !== "confirmed") zone.value = guess;
}

$("[data-copy]")?.select();
$("[data-print]")?.addEventListener("click", () => print());

// A form of three fields or more says that it is not saved yet, unless it saves by itself

document.addEventListener("input", ({ target: { form } }) => {
  const words = document.body.dataset.unsaved;
  if (!words || form?.method !== "post" || "changed" in form.dataset || $("[data-autosave]", form)) return;
  const button = $(".btn-primary", form);
  if (!button || form.matches("[hx-post]") || all("input:not([type=hidden]), select, textarea", form).length < 3) return;
  form.dataset.changed = "";
  const note = Object.assign(document.createElement("span"), { className: "small quiet", textContent: words });
  button.after(note);
});

// The number of selected rows; a choice that shows at once

document.addEventListener("change", ({ target }) => {
  if ("submits" in target.dataset) target.form.requestSubmit();
  const every = target.dataset.checkAll && document.getElementById(target.dataset.checkAll);
  if (every) for (const one of every.elements) if (one.type === "checkbox") one.checked = target.checked;
  const form = every || target.form;
  const shown = form && $("[data-selected]", form);
  if (shown) shown.textContent = [...form.elements].filter(({ type, checked }) => type === "checkbox" && checked).length;
});

for (const menu of all("details.menu")) {
  document.addEventListener("click", ({ target }) => menu.contains(target) || (menu.open = false));
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !menu.open) return;
    menu.open = false;
    $("summary", menu).focus();
  });
}

// Search and the list of shortcuts; the session room has keys and a list of its own

const { palette, keys } = document.body.dataset;
const summon = (what) => import(palette).then(({ open }) => open(what));
const onMac = /Mac|iP/.test(navigator.platform);
if (palette) document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (altKey || event.repeat || event.isComposing || event.defaultPrevented) return;
  const single = !ctrlKey && !metaKey && keys && !$("#keys-help") && !target.closest?.("input, textarea, select, [contenteditable]");
  const what = (onMac ? metaKey : ctrlKey) && key.toLowerCase() === "k" ? "palette" : single && { "/": "palette", "?": "shortcuts" }[key];
  if (!what) return;
  event.preventDefault();
  summon(what);
});
document.addEventListener("click", (event) => {
  const button = palette && event.target.closest?.("[data-summons]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  summon(button.dataset.summons).catch(() => button.href && location.assign(button.href));
});
