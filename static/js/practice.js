// Words and seconds of a text, counted while it is typed as the server counts them (practice/models/entry.py).

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
