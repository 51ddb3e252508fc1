// A form that comes back wrong is shown where it is wrong: the first field that has to change has the focus, and its
// error is read with it; where the fault is of the whole form, the sentence above it has.
const NOTICE = "main form .notice--bad[role=alert]";
const wrong = document.querySelector("main [aria-invalid=true]:not([type=hidden])") ?? document.querySelector(NOTICE);

if (wrong) {
  if (wrong.matches(NOTICE)) wrong.tabIndex = -1;
  wrong.focus();
}
