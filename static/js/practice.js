// In the editor of practice entries: words and seconds of a text, counted while it is typed as the server counts them
// (practice/models/entry.py), and phrases that are put in the text that was typed last.

const WORD = /\S*[\p{L}\p{N}_]\S*/gu;
const WORDS_A_MINUTE = 150;

for (const counts of document.querySelectorAll("[data-spoken]")) {
  const field = counts.closest(".field").querySelector("textarea");
  const show = () => {
    const words = field.value.match(WORD)?.length ?? 0;
    counts.querySelector("[data-words]").textContent = words;
    counts.querySelector("[data-seconds]").textContent = Math.round((words * 60) / WORDS_A_MINUTE);
  };
  field.addEventListener("input", show);
  show();
}

const phrases = [...document.querySelectorAll("button[name=phrase]")];
const form = phrases[0]?.form;
let typed = form?.elements.opening;
form?.addEventListener("focusin", ({ target }) => {
  if (target.matches("textarea")) typed = target;
});
form?.addEventListener("click", (event) => {
  const phrase = event.target.closest("button[name=phrase]");
  if (!phrase || !typed) return;
  event.preventDefault();
  const before = typed.value.slice(0, typed.selectionStart);
  const space = before && !/\s$/u.test(before) ? " " : "";
  typed.focus();
  typed.setRangeText(space + phrase.value, typed.selectionStart, typed.selectionEnd, "end");
  typed.dispatchEvent(new Event("input", { bubbles: true }));
});
