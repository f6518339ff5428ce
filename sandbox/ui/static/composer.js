// The message box: Enter sends, a slash offers the command's verbs.
import { $, $$, act } from "./api.js";
import { awaitAnswer, channelNow } from "./chat.js";
import { note } from "./toast.js";

let words = { command: "/incident", verbs: [], shortcuts: [] };
const drafts = new Map();

const box = (form) => $("[data-text]", form);
const hints = (form) => $(".completions", form);
const key = (form) => `${channelNow()}/${form.dataset.thread}`;

function grow(form) {
  const text = box(form);
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 180)}px`;
  form.classList.toggle("has-text", Boolean(text.value.trim()));
  drafts.set(key(form), text.value);
}

function offers(text) {
  const { command, verbs, shortcuts } = words;
  if (!text.startsWith("/") || text.includes("\n")) return [];
  const actions = shortcuts.map(([id, name]) => ({ label: name, about: "shortcut", shortcut: id }));
  if (!text.startsWith(`${command} `)) {
    if (!command.startsWith(text.trim())) return [];
    return [{ label: `${command} `, about: "declare with one sentence, or pick a verb", fill: `${command} ` },
      ...verbs.map(([verb, about]) => ({ label: `${command} ${verb}`, about, fill: `${command} ${verb} ` })), ...actions];
  }
  const typed = text.slice(command.length + 1);
  if (typed.includes(" ")) return [];
  return verbs.filter(([verb]) => verb.startsWith(typed)).map(([verb, about]) => ({ label: `${command} ${verb}`, about, fill: `${command} ${verb} ` }));
}

function hint(form) {
  const list = hints(form);
  const found = form.dataset.thread ? [] : offers(box(form).value);
  list.hidden = !found.length;
  list.replaceChildren(...found.map((each, n) => {
    const row = document.createElement("button");
    row.type = "button";
    row.tabIndex = -1;
    row.id = `${list.id}-${n}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const label = document.createElement("b");
    label.textContent = each.label;
    const about = document.createElement("span");
    about.textContent = each.about;
    row.append(label, about);
    row.addEventListener("click", () => choose(form, each));
    return row;
  }));
}

function choose(form, { fill, shortcut }) {
  const text = box(form);
  hints(form).hidden = true;
  if (shortcut) { text.value = ""; act("shortcut", { callback_id: shortcut }); }
  else text.value = fill;
  text.focus();
  grow(form);
  if (fill) hint(form);
}

function step(form, by) {
  const rows = $$("[role='option']", hints(form));
  const now = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  rows[now]?.setAttribute("aria-selected", "false");
  const next = rows[(now + by + rows.length + (now < 0 && by < 0 ? 1 : 0)) % rows.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  box(form).setAttribute("aria-activedescendant", next.id);
}

function pressed(event) {
  const form = event.target.closest("[data-composer]");
  if (!form) return;
  const list = hints(form);
  const chosen = !list.hidden && $("[aria-selected='true']", list);
  if (!list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); step(form, event.key === "ArrowDown" ? 1 : -1); }
  else if (!list.hidden && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); list.hidden = true; }
  else if (!list.hidden && event.key === "Tab" && !event.shiftKey) { event.preventDefault(); (chosen || $("[role='option']", list)).click(); }
  else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (chosen) chosen.click(); else form.requestSubmit();
  }
}

async function send(event) {
  const form = event.target.closest("[data-composer]");
  if (!form) return;
  event.preventDefault();
  const text = box(form).value.trim();
  if (!text) return;
  const thread_ts = form.dataset.thread || undefined;
  if (text.startsWith("/") && thread_ts) { note("Commands do not work in threads", "Write it in the channel, or mention the bot here: @tocsin help"); return; }
  box(form).value = "";
  grow(form);
  hints(form).hidden = true;
  const channel = channelNow();
  if (text.startsWith("/")) awaitAnswer();
  const answer = text.startsWith("/") ? await act("command", { channel, text }) : await act("message", { channel, text, thread_ts });
  if (answer.ok === false && !box(form).value) { box(form).value = text; grow(form); }
}

function ready() {
  for (const form of $$("[data-composer]")) {
    box(form).value = drafts.get(key(form)) || "";
    grow(form);
  }
}

export async function startComposer() {
  document.addEventListener("submit", send);
  document.addEventListener("keydown", pressed);
  document.addEventListener("pane", ready);
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-composer]");
    if (form) { grow(form); hint(form); }
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest("[data-composer]");
    if (form && !form.contains(event.relatedTarget)) hints(form).hidden = true;
  });
  words = await (await fetch("/ui/words")).json();
}
