// Keys go to the app from the beginning, and also after a click beside it.
function focusTerminal() {
  const field = document.querySelector(".xterm-helper-textarea");
  if (field) {
    field.focus();
  }
  return field !== null;
}

function focusSoon() {
  if (!focusTerminal()) {
    setTimeout(focusSoon, 50);
  }
}

window.addEventListener("load", focusSoon);
window.addEventListener("focus", focusTerminal);
