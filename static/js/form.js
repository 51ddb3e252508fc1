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

if (window.parent !== window) {
  const tell = () => window.parent.postMessage({ regulars: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
}
