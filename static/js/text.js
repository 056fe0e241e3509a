// Fields that save themselves (templates/sessions/_text_script.html) and pieces of text with their editors
// (templates/sessions/_text.html). What is typed stays in the field and is sent until the server has confirmed it.
// Nothing typed is ever stored in the browser.

const PAUSE = 800; // after the last key
const LONGEST = 10_000; // of typing without a pause
const PATIENCE = 15_000; // for one answer
const UNEASY = 2_000; // after which a slow answer is reported
const AGAIN = [1_000, 2_000, 3_000]; // between attempts; a save follows recovery within five seconds
const QUIET = 5_000; // between two "Saved" read aloud

const byId = (id) => document.getElementById(id);
const announcer = byId("save-announcer");
const words = announcer?.dataset ?? {};
const token = document.querySelector('meta[name="csrf-token"]');
const drafts = new Map(); // field -> Draft, for every field that was touched

class Draft {
  constructor(field) {
    this.field = field;
    this.form = field.form;
    this.url = field.dataset.autosave;
    this.startedFrom = field.dataset.startedFrom;
    this.version = Number(field.dataset.version || 0);
    this.stored = field.defaultValue; // what the server is known to have
    this.unsure = null; // sent without an answer: the server may have it
    this.state = "still"; // still, waiting, saving, saved, or one of TROUBLE
    this.attempts = 0;
  }

  get unsaved() {
    return this.unsure !== null || this.field.value !== this.stored;
  }

  get paused() {
    return this.state === "conflict" || this.state === "gone" || this.state === "too-long";
  }

  typed() {
    if (this.state === "conflict") return;
    if (this.paused) this.state = "waiting";
    this.since ??= performance.now();
    if (this.attempts) return; // it is being sent again anyway, and then with this
    this.plan(Math.min(PAUSE, Math.max(0, this.since + LONGEST - performance.now())));
  }

  plan(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  // Resolves once this attempt is over; look at `unsaved` for how it went.
  save() {
    clearTimeout(this.timer);
    if (this.composing || this.paused) return Promise.resolve();
    if (this.sending) return this.sending.then(() => (this.attempts ? undefined : this.save()));
    if (!this.unsaved) {
      if (this.state === "waiting") this.say("still");
      return Promise.resolve();
    }
    // Repeated word for word, an attempt cannot collide with itself.
    this.sending = this.send(this.unsure ?? this.field.value).finally(() => {
      this.sending = null;
      if (!this.attempts && !this.paused && this.unsaved) this.plan(0);
    });
    return this.sending;
  }

  async send(text) {
    this.unsure = text;
    this.since = undefined;
    if (!this.attempts) this.say("saving");
    const uneasy = setTimeout(() => this.say("retrying"), UNEASY);
    const impatience = new AbortController();
    const enough = setTimeout(() => impatience.abort(), PATIENCE);
    try {
      const body = new FormData();
      body.set("text", text);
      body.set("started_from", this.startedFrom);
      const writer = this.form?.elements.writer;
      if (writer) body.set("writer", writer.value);
      const response = await fetch(this.url, {
        method: "POST",
        body,
        headers: { "HX-Request": "true", "X-CSRFToken": token?.content ?? "" },
        signal: impatience.signal,
        keepalive: document.visibilityState === "hidden" && text.length < 15_000, // the browser allows 64 KB
        redirect: "manual",
      });
      const html = await response.text();
      await this.heard(response, html, text);
    } catch {
      this.trouble("retrying");
    } finally {
      clearTimeout(uneasy);
      clearTimeout(enough);
    }
  }

  async heard(response, html, text) {
    const { status, headers } = response;
    const signIn = headers.get("HX-Redirect");
    const fresh = headers.get("X-CSRFToken");
    if (status === 200) return this.confirmed(text, html);
    if (signIn) return this.trouble("signed-out", { signIn });
    if (status === 403 && fresh && fresh !== token?.content) {
      for (const input of document.getElementsByName("csrfmiddlewaretoken")) input.value = fresh;
      token.content = fresh;
      return this.trouble("retrying", { delay: this.attempts ? undefined : 0 });
    }
    if (status === 403) return this.trouble("someone-else");
    if (status === 409) return this.stop("conflict", html);
    if (status === 422 || status === 413 || status === 400) return this.stop("too-long", html);
    if (status === 404) return this.stop("gone", html);
    const later = Number(headers.get("Retry-After")) * 1000;
    return this.trouble("retrying", { delay: later || undefined });
  }

  confirmed(text, html) {
    const answer = fragment(html);
    const saved = answer.querySelector("[data-saved]");
    if (!saved) return this.trouble("retrying"); // a page that is not ours, from something in between
    this.stored = text;
    this.unsure = null;
    this.attempts = 0;
    this.startedFrom = saved.dataset.fingerprint;
    this.version = Number(saved.dataset.version);
    this.savedWords = saved.textContent;
    this.follow();
    this.say("saved");
    if (!this.field.isConnected && !this.unsaved) drafts.delete(this.field);
    this.tell("saved", answer);
  }

  trouble(state, { delay, signIn } = {}) {
    this.signIn = signIn;
    this.say(state);
    this.plan(delay ?? AGAIN[Math.min(this.attempts, AGAIN.length - 1)]);
    this.attempts += 1;
  }

  // Nothing more is sent until the person has done something about it.
  stop(state, html) {
    this.unsure = null;
    this.attempts = 0;
    const answer = fragment(html);
    this.problem = state === "too-long" && answer.querySelector(".text-problem")?.textContent.trim();
    this.say(state);
    this.tell(state, answer);
  }

  // Continue from another version than the one this draft started with.
  startFrom(fingerprint, version, text = this.stored) {
    this.startedFrom = fingerprint;
    this.version = Number(version);
    this.stored = text;
    this.unsure = null;
    this.follow();
    if (this.paused) this.state = "waiting";
  }

  // The form's own button, pressed without this script's help, starts from the same wording.
  follow() {
    const elements = this.form?.elements;
    const hidden = elements?.[`started_from_${this.field.name}`] ?? elements?.started_from;
    if (hidden) hidden.value = this.startedFrom;
  }

  // Replace the text by a version from the server.
  adopt(text, fingerprint, version) {
    this.startFrom(fingerprint, version, text);
    this.field.value = text;
    this.say("still");
    this.tell("adopted");
  }

  say(state) {
    this.state = state;
    show(this);
    if (this.adrift) this.tell("adrift");
  }

  // In trouble, and the page put something else where the field was.
  get adrift() {
    return !this.field.isConnected && this.unsaved && failing(this);
  }

  tell(what, answer) {
    const place = this.field.isConnected ? this.field : document;
    place.dispatchEvent(new CustomEvent(`draft:${what}`, { bubbles: true, detail: { draft: this, answer } }));
  }
}

// Showing the state of a draft

const TROUBLE = ["conflict", "gone", "too-long", "someone-else", "signed-out", "retrying"];
const failing = (draft) => TROUBLE.includes(draft.state);

function sentence(draft) {
  if (draft.state === "saved") return draft.savedWords;
  if (draft.state === "saving") return words.saving;
  if (draft.state === "too-long") return draft.problem || words.tooLong;
  if (draft.state === "retrying" && !navigator.onLine) return words.offline;
  return words[draft.state.replace(/-(.)/g, (_, character) => character.toUpperCase())] ?? "";
}

function write(place, draft, text) {
  place.classList.toggle("is-failing", failing(draft));
  if (place.dataset.shown === text) return;
  place.dataset.shown = text;
  place.textContent = text;
}

function beside(place, draft) {
  write(place, draft, sentence(draft));
  if (place.querySelector("a")) return;
  if (draft.state === "signed-out") {
    const link = Object.assign(document.createElement("a"), { href: draft.signIn, target: "_blank", rel: "noopener" });
    link.textContent = words.signIn;
    place.append(" ", link);
  }
}

function show(draft) {
  const place = draft.field.isConnected && document.querySelector(`[data-state-for="${CSS.escape(draft.field.id)}"]`);
  if (place) beside(place, draft);
  if (draft.state === "too-long") draft.field.setAttribute("aria-invalid", "true");
  else draft.field.removeAttribute("aria-invalid");
  const all = [...drafts.values()];
  const worst = TROUBLE.map((state) => all.find((one) => one.state === state)).find(Boolean);
  for (const header of document.querySelectorAll("[data-save-state]")) write(header, worst ?? draft, worst ? words[worst.state === "retrying" ? "retrying" : "notSaved"] : sentence(draft));
  speak(worst ?? draft);
}

let spoken = "";
let spokenAt = -QUIET;
function speak(draft) {
  if (!announcer || draft.state === "saving" || draft.state === "still" || draft.state === "waiting") return;
  const text = sentence(draft);
  const recovered = announcer.classList.contains("is-failing") && !failing(draft);
  if (text === spoken || (!failing(draft) && !recovered && performance.now() - spokenAt < QUIET)) return;
  spoken = text;
  spokenAt = performance.now();
  announcer.classList.toggle("is-failing", failing(draft));
  announcer.textContent = text;
}

function fragment(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

// Events

function draftOf(field) {
  if (!field?.dataset?.autosave) return null;
  if (!drafts.has(field)) {
    for (const [gone, draft] of drafts) if (!gone.isConnected && !draft.unsaved) drafts.delete(gone);
    drafts.set(field, new Draft(field));
  }
  return drafts.get(field);
}
window.throughline = { ...window.throughline, draftOf, drafts };

const on = (name, act) => document.addEventListener(name, (event) => {
  const draft = draftOf(event.target);
  if (draft) act(draft, event);
});
on("focusin", (draft) => draft); // so that its first text is known
on("input", (draft, event) => event.isComposing || draft.typed());
on("compositionstart", (draft) => { draft.composing = true; });
on("compositionend", (draft) => { draft.composing = false; draft.typed(); });
on("focusout", (draft) => { draft.composing = false; if (!draft.attempts) draft.save(); });

const unsaved = () => [...drafts.values()].filter((draft) => draft.unsaved);
const sendAll = () => unsaved().forEach((draft) => draft.save());

window.addEventListener("online", sendAll);
window.addEventListener("offline", () => unsaved().forEach((draft) => draft.say(draft.paused ? draft.state : "retrying")));
window.addEventListener("focus", () => unsaved().forEach((draft) => draft.attempts && draft.save()));
document.addEventListener("visibilitychange", sendAll);
window.addEventListener("submit", ({ target, defaultPrevented }) => {
  for (const draft of drafts.values()) if (draft.form === target && !defaultPrevented) draft.submitted = true;
});
window.addEventListener("pageshow", () => drafts.forEach((draft) => { draft.submitted = false; }));
window.addEventListener("beforeunload", (event) => {
  if (unsaved().some((draft) => !draft.submitted)) event.preventDefault();
});

// The sign-in expired: stay on the page with the text.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr.getResponseHeader("HX-Redirect")) return;
  const writing = !requestConfig.triggeringEvent && document.activeElement?.dataset.autosave;
  if (writing || unsaved().length) event.preventDefault();
});

// Feedback: words about the person are pointed out below their field, and never stop anything.
document.addEventListener("input", ({ target }) => {
  const place = target.id && document.querySelector(`[data-wording-for="${CSS.escape(target.id)}"]`);
  const wording = place && byId("wording")?.dataset;
  if (!wording) return;
  const traits = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${wording.words})(?![\\p{L}\\p{N}_])`, "gu");
  const found = new Set(target.value.toLowerCase().replaceAll("’", "'").match(traits));
  const hint = found.size ? byId("wording-hint").dataset.hint.replace("{}", [...found].join(", ")) : "";
  if (place.textContent !== hint) place.textContent = hint;
});

// Pieces of text: their editors, and two versions

const fieldOf = (editor) => editor.querySelector("[data-autosave]");
const editorIn = (piece) => piece?.querySelector("[data-editor]");

// Opening and closing

document.addEventListener("click", ({ target }) => {
  const shown = target.closest?.(".text-body")?.closest(".text-shown");
  if (shown && !target.closest("a") && !String(getSelection())) shown.querySelector(".text-open")?.click();
});

// An open editor is never loaded again over what is typed in it.
document.addEventListener("htmx:beforeRequest", (event) => {
  const editor = event.target.matches?.(".text-open") && editorIn(event.target.closest(".text"));
  if (!editor) return;
  event.preventDefault();
  fieldOf(editor).focus();
});

document.addEventListener("htmx:afterSettle", () => {
  const field = document.querySelector(".text [data-autosave][autofocus]");
  if (!field) return;
  field.autofocus = false;
  name(field.closest(".text"));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
});

document.addEventListener("submit", async (event) => {
  const editor = event.target;
  if (!editor.matches("[data-editor]")) return;
  event.preventDefault();
  const draft = draftOf(fieldOf(editor));
  await draft.save();
  if (draft.unsaved) return draft.field.focus();
  const piece = editor.closest(".text");
  if (piece) close(piece);
  else if (editor.closest("#rescued")) release(editor);
  else location.assign(editor.elements.next.value);
});

document.addEventListener("keydown", (event) => {
  const { target, key, isComposing } = event;
  if (isComposing || !target.matches?.("[data-editor] [data-autosave]") || !target.closest(".text")) return;
  if (key === "Escape" || (key === "Enter" && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    target.form.requestSubmit();
  }
});

// Show the page's label for this piece.
function name(piece) {
  if (piece?.dataset.label) piece.querySelectorAll("[data-label-here]").forEach((it) => { it.textContent = piece.dataset.label; });
}

function close(piece) {
  const within = piece.contains(document.activeElement);
  editorIn(piece).remove();
  piece.querySelector(".text-newer")?.remove();
  if (within) piece.querySelector(".text-open")?.focus();
}

// The current text

document.addEventListener("draft:saved", ({ detail: { draft, answer } }) => {
  draft.keepsBoth = false;
  const fresh = answer.querySelector(".text-shown");
  const shown = fresh && byId(fresh.id);
  draft.field.closest(".text")?.querySelector(".text-newer")?.remove();
  if (!shown || Number(shown.dataset.version) > Number(fresh.dataset.version)) return;
  shown.replaceWith(fresh);
  window.htmx?.process(fresh);
  name(fresh.closest(".text"));
});

// A live answer with nothing new replaces nothing: focus stays, and no press is lost.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { fingerprint } = detail.fragment.firstElementChild?.dataset ?? {};
  if (fingerprint && fingerprint === detail.target.dataset.fingerprint) detail.shouldSwap = false;
});

// Is there a version that the person with the open editor has not seen?
document.addEventListener("htmx:afterSettle", () => document.querySelectorAll(".text [data-editor]").forEach(compare));
document.addEventListener("focusout", ({ target }) => setTimeout(() => {
  const editor = target.closest?.(".text [data-editor]");
  if (editor) compare(editor);
}));

function compare(editor) {
  const piece = editor.closest(".text");
  const shown = piece.querySelector(".text-shown");
  const draft = draftOf(fieldOf(editor));
  const text = textIn(shown);
  const known = Number(shown.dataset.version) <= draft.version || shown.dataset.fingerprint === draft.startedFrom;
  if (known || draft.sending || text === draft.field.value) return;
  if (!draft.unsaved && draft.field !== document.activeElement) {
    piece.querySelector(".text-newer")?.remove();
    draft.adopt(text, shown.dataset.fingerprint, shown.dataset.version);
  } else if (!piece.querySelector(".text-newer, .text-conflict")) {
    const note = byId("text-newer").content.firstElementChild.cloneNode(true);
    shown.before(note);
    announcer.textContent = words.newer;
  }
}

document.addEventListener("click", ({ target }) => {
  if (!target.matches?.("[data-take-newer]")) return;
  const piece = target.closest(".text");
  const shown = piece.querySelector(".text-shown");
  settle(draftOf(fieldOf(editorIn(piece))), {
    text: textIn(shown), fingerprint: shown.dataset.fingerprint, version: shown.dataset.version, choice: "theirs",
  });
});

const textIn = (place) => place.querySelector("[data-body], [data-theirs]").textContent;

// Two versions

document.addEventListener("draft:conflict", ({ detail: { draft, answer } }) => {
  const conflict = answer.querySelector(".text-conflict");
  if (!conflict) return;
  // The other person typed on meanwhile: the choice still stands.
  if (draft.keepsBoth) return settle(draft, { ...conflict.dataset, text: textIn(conflict), choice: "both" });
  clear(draft);
  conflict.querySelector("[data-choices]").hidden = false;
  draft.field.after(conflict);
  conflict.addEventListener("click", ({ target }) => {
    const choice = target.dataset.choose;
    if (choice) settle(draft, { ...conflict.dataset, text: textIn(conflict), choice });
  });
});

// Both texts, each once: where one of them goes on from `base`, the other takes the place of `base` in it.
const goneOn = (text, base, other) => (text.startsWith(base) ? other + text.slice(base.length) : text.endsWith(base) && text.slice(0, -base.length) + other);
const both = (base, mine, theirs) => (base && (goneOn(theirs, base, mine) || goneOn(mine, base, theirs))) || `${mine.trimEnd()}\n\n${theirs}`;

function settle(draft, { choice, text, fingerprint, version }) {
  const mine = draft.field.value, base = draft.stored;
  clear(draft);
  draft.keepsBoth = choice === "both";
  if (choice === "theirs") {
    draft.adopt(text, fingerprint, version);
    if (mine.trim() && mine !== text) offerBack(draft, mine);
  } else {
    draft.startFrom(fingerprint, version, text);
    if (choice === "both") put(draft, both(base, mine, text));
    draft.save();
  }
  draft.field.focus();
}

// A version that was set aside can be restored while the page is open.
function offerBack(draft, mine) {
  const note = byId("text-aside").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    note.remove();
    put(draft, mine);
    draft.field.focus();
  });
  draft.field.after(note);
}

function put(draft, text) {
  draft.field.value = text;
  draft.field.dispatchEvent(new Event("input", { bubbles: true }));
}

function clear({ field }) {
  const around = field.closest(".text") ?? field.parentElement;
  around.querySelectorAll(".text-conflict, .text-newer, .text-aside").forEach((one) => one.remove());
}

// Text that is not saved when the page replaces its editor

const rescued = byId("rescued");
document.addEventListener("draft:adrift", ({ detail: { draft } }) => rescue(draft));
document.addEventListener("htmx:afterSettle", () => drafts.forEach((draft) => draft.adrift && rescue(draft)));
document.addEventListener("draft:saved", ({ detail: { draft: { form } } }) => {
  if (form && rescued.contains(form) && !form.contains(document.activeElement)) release(form);
});

function rescue(draft) {
  if (!draft.form || draft.form.isConnected) return;
  byId("messages")?.after(rescued); // where everybody sees it
  rescued.append(draft.form);
  rescued.hidden = false;
  draft.say(draft.state);
}

function release(form) {
  form.remove();
  rescued.hidden = !rescued.querySelector("form");
}

// Browsers that do not grow a field by themselves

if (!CSS.supports("field-sizing", "content")) {
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.("textarea[data-autosave]")) target.rows = Math.max(3, target.value.split("\n").length + 1);
  });
}
