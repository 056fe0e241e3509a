// Pieces of text (templates/sessions/_text.html): their editors, and two versions. Saving itself is autosave.js.

const { draftOf, drafts } = window.throughline;
const byId = (id) => document.getElementById(id);
const words = byId("save-announcer").dataset;
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

// What the page calls this piece.
function name(piece) {
  if (piece?.dataset.label) piece.querySelectorAll("[data-label-here]").forEach((it) => { it.textContent = piece.dataset.label; });
}

function close(piece) {
  const within = piece.contains(document.activeElement);
  editorIn(piece).remove();
  piece.querySelector(".text-newer")?.remove();
  if (within) piece.querySelector(".text-open")?.focus();
}

// What stands now

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
  const now = detail.target.dataset, { live, fingerprint } = detail.fragment.firstElementChild?.dataset ?? {};
  if ((live && live === now.live) || (fingerprint && fingerprint === now.fingerprint)) detail.shouldSwap = false;
});

// Is there a wording that the person with the open editor has not seen?
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
    byId("save-announcer").textContent = words.newer;
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

// What was put aside can be had again as long as the page is open.
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

// Words that are not stored when the page puts something else in their place

const rescued = byId("rescued");
document.addEventListener("draft:adrift", ({ detail: { draft } }) => rescue(draft));
document.addEventListener("htmx:afterSettle", () => drafts.forEach((draft) => draft.adrift && rescue(draft)));
document.addEventListener("draft:saved", ({ detail: { draft: { form } } }) => {
  if (form && rescued.contains(form) && !form.contains(document.activeElement)) release(form);
});

function rescue(draft) {
  if (!draft.form || draft.form.isConnected) return;
  byId("messages")?.after(rescued); // where nobody misses it
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
