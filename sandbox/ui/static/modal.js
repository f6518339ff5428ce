// Forms: the topmost one is on the screen; errors land beside their fields; Escape closes one.
import { $, $$, act, latest } from "./api.js";
import { filled } from "./blocks.js";

const dialog = () => $("#modal");
const form = () => $("form", dialog());

// What has been typed outlives a redraw by the bot, field by field, as in the real thing.
function drafts() {
  const kept = new Map();
  for (const input of $$("input, textarea, select", dialog())) {
    if (!input.name) continue;
    const tickable = input.type === "checkbox" || input.type === "radio";
    kept.set(tickable ? `${input.name}=${input.value}` : input.name, tickable ? input.checked : input.value);
  }
  return kept;
}

function restore(kept) {
  for (const input of $$("input, textarea, select", dialog())) {
    const tickable = input.type === "checkbox" || input.type === "radio";
    const key = tickable ? `${input.name}=${input.value}` : input.name;
    if (!kept.has(key)) continue;
    if (tickable) input.checked = kept.get(key); else input.value = kept.get(key);
  }
}

export async function refreshModal() {
  const html = await latest("modal", "/ui/modal");
  if (html === null) return;
  const box = dialog();
  if (!html.trim()) { if (box.open) box.close(); box.innerHTML = ""; return; }
  const before = form()?.dataset.view;
  const kept = drafts();
  const focused = document.activeElement?.id;
  box.innerHTML = html;
  if (before === form().dataset.view) {
    restore(kept);
    if (focused) document.getElementById(focused)?.focus();
  }
  if (!box.open) box.showModal();
  if (before !== form().dataset.view) first()?.focus();
}

const first = () => $("[autofocus], .modal-body input:not([type='hidden']), .modal-body textarea, .modal-body select, .modal-body button", dialog()) || $("button[type='submit']", dialog());

function showErrors(errors) {
  let firstWrong = null;
  for (const box of $$("[data-input]", form())) {
    const words = errors[box.dataset.input] || "";
    box.classList.toggle("wrong", Boolean(words));
    $("[data-error]", box).textContent = words;
    if (words && !firstWrong) firstWrong = box;
  }
  firstWrong?.scrollIntoView({ block: "nearest" });
  $("input, textarea, select", firstWrong || document.createElement("div"))?.focus();
  return Boolean(firstWrong);
}

function missing(values) {
  const errors = {};
  for (const box of $$("[data-input][data-optional='no']", form())) {
    const given = values[box.dataset.input];
    if (given === null || given === undefined || given === "" || given.length === 0) errors[box.dataset.input] = "Please fill this in.";
  }
  return errors;
}

async function submit(event) {
  event.preventDefault();
  const values = filled(form());
  if (showErrors(missing(values))) return;
  const button = $("button[type='submit']", form());
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  const view = form().dataset.view;
  const answer = await act("submit", { view_id: view, values });
  if (form()?.dataset.view === view) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
    const errors = answer.errors || (answer.body?.response_action === "errors" && answer.body.errors);
    if (errors) { if (!showErrors(errors)) $("[data-form-error]", form()).textContent = Object.values(errors).join(" "); return; }
  }
  await refreshModal();
}

async function close(all) {
  const view = form()?.dataset.view;
  if (!view) return;
  await act("close", { view_id: view, all: Boolean(all) });
  await refreshModal();
}

export function startModal() {
  const box = dialog();
  box.addEventListener("submit", submit);
  box.addEventListener("cancel", (event) => { event.preventDefault(); close(false); });
  box.addEventListener("click", (event) => {
    const found = event.target.closest("[data-close-view]");
    if (found) close(found.dataset.closeView === "all");
  });
  if (form()) { box.showModal(); first()?.focus(); }
}
