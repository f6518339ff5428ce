// A click or a choice in a block becomes an act, with its ids; nothing is decided here.
import { $, $$, act } from "./api.js";
import { ask } from "./ask.js";
import { place } from "./menu.js";
import { note } from "./toast.js";

// Where the block stands: a message, a form, or the app's home.
function where(node) {
  const view = node.closest("[data-view]");
  if (view) return "home" in view.dataset ? { view_id: view.dataset.view } : { view_id: view.dataset.view, typed: filled(view) };
  const article = node.closest("article.msg");
  return { channel: article?.dataset.channel, ts: article?.dataset.ts };
}

const waits = (node) => node.closest(".b.input") && !node.closest("[data-dispatch]");

async function send(node, verb, more) {
  if (node.dataset.confirm && !(await ask(JSON.parse(node.dataset.confirm)))) return;
  node.setAttribute("aria-busy", "true");
  const { action: action_id, block: block_id } = node.dataset;
  await act(verb, { ...where(node), action_id, block_id, ...more });
  node.removeAttribute("aria-busy");
}

function pressed(event) {
  const node = event.target.closest("[data-kind='button'], [data-kind='overflow']");
  if (!node || node.getAttribute("aria-busy") === "true") return;
  const value = node.dataset.value || undefined;
  if (node.dataset.kind === "overflow") send(node, "select", { value });
  else send(node, "click", { value });
}

function changed(event) {
  const node = event.target.closest("[data-kind]");
  if (!node || waits(node)) {
    const many = event.target.closest(".many");
    if (many) $("[data-count]", many).textContent = $$("input:checked", many).length || "";
    return;
  }
  const { kind, type } = node.dataset;
  if (kind === "select") send(node, "select", { value: node.value || null });
  if (kind === "options" && type === "radio_buttons") send(node, "select", { value: event.target.value });
  if ((kind === "options" && type === "checkboxes") || kind === "many")
    send(node, "select", { values: $$("input:checked", node).map((box) => box.value) });
  if (kind === "typed") send(node, "select", { value: typed(node) });
}

// What stands in a form, by the block of an input and by the action of anything else.
export function filled(form) {
  const values = {};
  for (const node of $$("[data-kind]", form)) {
    const { kind, type, block, action } = node.dataset;
    const key = node.closest(".b.input") ? block : action;
    if (kind === "select") values[key] = node.value || null;
    else if (kind === "typed") values[key] = typed(node);
    else if (kind === "external") values[key] = picked(node);
    else if (kind === "many" || type === "checkboxes") values[key] = $$("input:checked", node).map((box) => box.value);
    else if (kind === "options") values[key] = $("input:checked", node)?.value ?? null;
  }
  return values;
}

// The bot offered the option, so it travels back whole.
function picked(combo) {
  const { value } = $("input[type='hidden']", combo);
  if (!value) return null;
  const text = { type: "plain_text", text: $("[role='combobox']", combo).value };
  return { type: combo.dataset.type, selected_option: { text, value } };
}

// Pickers show UTC, as the demo world's clock does; the bot gets Unix seconds.
export function typed(input) {
  if (input.type !== "datetime-local") return input.value || null;
  return input.value ? Date.parse(`${input.value}Z`) / 1000 : null;
}

// external selects: the bot is asked while somebody types
let asking = 0;
async function suggest(combo) {
  const input = $("[role='combobox']", combo);
  const menu = $(".menu", combo);
  const mine = ++asking;
  if (input.value.length < Number(combo.dataset.min || 0)) { menu.hidden = true; return; }
  const { action: action_id, block: block_id } = combo.dataset;
  const answer = await act("suggest", { ...where(combo), action_id, block_id, query: input.value });
  if (mine !== asking) return;
  const options = answer.options || [];
  menu.replaceChildren(...options.map((option, n) => {
    const row = document.createElement("div");
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", n === 0 ? "true" : "false");
    row.dataset.value = option.value;
    row.textContent = option.text?.text || option.value;
    return row;
  }));
  menu.hidden = !options.length;
  input.setAttribute("aria-expanded", String(!menu.hidden));
  if (!menu.hidden) place(menu, input);
}

function take(combo, row) {
  const input = $("[role='combobox']", combo);
  input.value = row.textContent;
  $("input[type='hidden']", combo).value = row.dataset.value;
  $(".menu", combo).hidden = true;
  input.setAttribute("aria-expanded", "false");
  if (!waits(combo)) send(combo, "select", { value: picked(combo) });
}

function comboKey(event) {
  const combo = event.target.closest?.(".combo");
  const rows = combo ? $$("[role='option']", combo) : [];
  const menu = combo && $(".menu", combo);
  if (!menu || menu.hidden) return;
  const now = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    rows[now]?.setAttribute("aria-selected", "false");
    const next = rows[(now + step + rows.length) % rows.length];
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && rows[now]) { event.preventDefault(); take(combo, rows[now]); }
  else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); menu.hidden = true; }
}

export function startBlocks() {
  document.addEventListener("click", pressed);
  document.addEventListener("change", changed);
  document.addEventListener("keydown", comboKey, true);
  let timer;
  document.addEventListener("input", (event) => {
    const combo = event.target.closest(".combo");
    if (!combo) return;
    $("input[type='hidden']", combo).value = "";
    clearTimeout(timer);
    timer = setTimeout(() => suggest(combo), 180);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.closest(".combo")?.dataset.min === "0") suggest(event.target.closest(".combo"));
  });
  document.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".combo [role='option']");
    if (row) { event.preventDefault(); take(row.closest(".combo"), row); return; }
    for (const menu of $$(".combo .menu")) if (!menu.parentElement.contains(event.target)) menu.hidden = true;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-outside]");
    if (!link) return;
    event.preventDefault();
    note("That leads out of the demo world", `${link.href} was not opened: nothing leaves this machine.`);
  });
}
