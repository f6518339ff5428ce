// Light or dark: the machine's choice until somebody chooses.
import { $ } from "./api.js";

const root = document.documentElement;
const machine = matchMedia("(prefers-color-scheme: dark)");
const now = () => root.dataset.theme || (machine.matches ? "dark" : "light");

export function startTheme() {
  $("[data-theme-toggle]").addEventListener("click", () => {
    root.dataset.theme = now() === "dark" ? "light" : "dark";
    // A cookie, so that the next page is drawn right from the start.
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=strict`;
  });
}
