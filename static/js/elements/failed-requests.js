// An htmx request that fails says so in a toast instead of doing nothing. The words come from <toast-stack data-failed>.
for (const kind of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(kind, () => {
    const text = document.querySelector("toast-stack")?.dataset.failed;
    if (text) document.body.dispatchEvent(new CustomEvent("toast", { detail: { toasts: [{ text }] } }));
  });
}
