// Pop-up menus: one open at a time, arrows to move, Escape to close and go back.
import { $, $$ } from "./api.js";

let open = null;

export function closeMenu(focusBack = false) {
  if (!open) return;
  open.menu.hidden = true;
  open.button.setAttribute("aria-expanded", "false");
  if (focusBack) open.button.focus();
  open = null;
}

// Menus are fixed, so that no scrolling pane cuts them off.
export function place(menu, button) {
  const at = button.getBoundingClientRect();
  menu.style.setProperty("max-height", `${Math.max(160, window.innerHeight - 24)}px`);
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + 4 + height <= window.innerHeight - 8;
  const left = at.left + width > window.innerWidth - 12 ? at.right - width : at.left;
  menu.style.left = `${Math.max(12, left)}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
}

function toggle(button) {
  const menu = $(".menu", button.parentElement);
  const wasOpen = open?.menu === menu;
  closeMenu();
  if (wasOpen || !menu) return;
  menu.hidden = false;
  button.setAttribute("aria-expanded", "true");
  open = { menu, button };
  place(menu, button);
  items()[0]?.focus();
}

const items = () => (open ? $$("[role='menuitem']", open.menu) : []);

function move(step) {
  const all = items();
  const now = all.indexOf(document.activeElement);
  all[(now + step + all.length) % all.length]?.focus();
}

export function startMenus() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-menu]");
    if (button) return toggle(button);
    if (open && (!open.menu.contains(event.target) || event.target.closest("[role='menuitem']"))) closeMenu();
  });
  document.addEventListener("keydown", (event) => {
    const opens = event.target.closest?.("[data-menu]");
    if (opens && event.key === "ArrowDown" && !open) { event.preventDefault(); return toggle(opens); }
    if (!open) return;
    const keys = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    if (keys[event.key]) { event.preventDefault(); move(keys[event.key]); }
    else if (event.key === "Home") { event.preventDefault(); items()[0]?.focus(); }
    else if (event.key === "End") { event.preventDefault(); items().at(-1)?.focus(); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); closeMenu(true); }
    else if (event.key === "Tab") closeMenu();
  }, true);
  document.addEventListener("scroll", (event) => { if (open && !open.menu.contains(event.target)) closeMenu(); }, true);
  window.addEventListener("resize", () => closeMenu());
}
