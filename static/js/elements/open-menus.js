// Menus are <details>: they work without this, and with it close on Esc, on a choice and on a click elsewhere.
const MENUS = "details:is(.menu, .nav__details)[open]";

document.addEventListener("click", (event) => {
  document.querySelectorAll(MENUS).forEach((menu) => {
    if (!menu.contains(event.target) || event.target.closest(".menu__item")) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(MENUS);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
