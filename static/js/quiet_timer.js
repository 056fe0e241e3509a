// Quiet timers count down by the clock of this device and need no connection. They never block anything, and only
// the end is read aloud: of a reflection, or of each phase of a rehearsal.

const left = (ends) => Math.round(Number(ends) - Date.now() / 1000);
const asClock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const clock = document.getElementById("quiet-timer");
const show = () => {
  const seconds = left(clock.dataset.ends);
  if (seconds <= 0) {
    clock.textContent = clock.dataset.over;
    window.throughline.announce(clock.dataset.over);
    return;
  }
  clock.textContent = asClock(seconds);
  setTimeout(show, 1000);
};
if (clock) show();

const phases = document.getElementById("phases");
let current;
const showPhase = () => {
  const steps = [...phases.children];
  const step = steps.find((one) => left(one.dataset.ends) > 0);
  for (const one of steps) {
    one.toggleAttribute("aria-current", one === step);
    one.lastElementChild.textContent = one === step ? asClock(left(one.dataset.ends)) : "";
  }
  if (current && step !== current) window.throughline.announce(step ? step.textContent : phases.dataset.over);
  current = step;
  if (step) setTimeout(showPhase, 1000);
};
if (phases) showPhase();
