// Dark or light: as the system has it, until the switch says otherwise. It runs before the page is painted.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

const chosen = sessionStorage.getItem("theme");
if (chosen) root.dataset.theme = chosen;

document.addEventListener("DOMContentLoaded", () => {
  const button = /** @type {HTMLElement} */ (document.getElementById("theme"));
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    sessionStorage.setItem("theme", root.dataset.theme);
    show();
  });
  system.addEventListener("change", show);
  show();
});
