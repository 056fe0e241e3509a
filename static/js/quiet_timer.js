// The quiet timer of a reflection: it counts down by the clock of this device and needs no connection.
// It never blocks anything, and only its end is read aloud.

const clock = document.getElementById("quiet-timer");
const show = () => {
  const left = Math.round(Number(clock.dataset.ends) - Date.now() / 1000);
  if (left <= 0) {
    clock.textContent = clock.dataset.over;
    window.throughline.announce(clock.dataset.over);
    return;
  }
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  setTimeout(show, 1000);
};
if (clock) show();
