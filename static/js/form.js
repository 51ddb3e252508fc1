// The page works without this. It says that somebody really has the form before their eyes,
// which a robot that only fetches the page never does, and tells a frame on another site its height.
const form = document.querySelector("form[data-opened]");

if (form) {
  let seen = 0;
  const timer = setInterval(() => {
    if (document.visibilityState !== "visible" || ++seen < 8) return;
    clearInterval(timer);
    const address = new URL("opened/", location.href.split("?")[0]);
    fetch(address, { method: "POST", keepalive: true, credentials: "omit" });
  }, 250);
}

// Another language: in place, so that Back leads where it did. What was typed goes along, as it does without this.
addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (button?.name !== "show") return;
  event.preventDefault();
  const typed = new FormData(event.target);
  typed.set(button.name, button.value);
  const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(typed) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  document.body.replaceWith(page.body);
  history.replaceState(null, "", button.formAction);
  document.querySelector(".languages [aria-current]")?.focus();
});

if (window.parent !== window) {
  const tell = () => window.parent.postMessage({ regulars: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
}
