// What a person does to a message: react, run a shortcut, edit, delete, copy, dismiss.
import { $, act } from "./api.js";
import { ask } from "./ask.js";
import { note } from "./toast.js";

const of = (node) => node.closest("article.msg");
const ids = (article) => ({ channel: article.dataset.channel, ts: article.dataset.ts });

function react(article, name) {
  const pressed = $(`.reaction[data-react="${CSS.escape(name)}"]`, article)?.getAttribute("aria-pressed") === "true";
  act(pressed ? "unreact" : "react", { ...ids(article), name });
}

async function remove(article) {
  const sure = await ask({ title: "Delete this message?", html: "It disappears for everybody.", confirm: "Delete", deny: "Keep", danger: true });
  if (sure) act("delete", ids(article));
}

function edit(article) {
  const body = $("[data-body]", article);
  const before = body.innerHTML;
  const box = document.createElement("form");
  box.className = "edit-box";
  const text = document.createElement("textarea");
  text.className = "field";
  text.value = body.innerText.trim();
  text.setAttribute("aria-label", "Edit the message");
  const row = document.createElement("div");
  row.innerHTML = '<button type="button" class="btn">Cancel</button><button class="btn primary">Save</button>';
  box.append(text, row);
  body.replaceChildren(box);
  text.focus();
  const undo = () => { body.innerHTML = before; };
  row.firstChild.addEventListener("click", undo);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); undo(); }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); box.requestSubmit(); }
  });
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    undo();
    if (text.value.trim()) act("edit", { ...ids(article), text: text.value.trim() });
  });
}

export function startMessages() {
  document.addEventListener("click", (event) => {
    const found = event.target.closest("[data-react], [data-shortcut], [data-edit], [data-delete], [data-copy], [data-dismiss]");
    const article = found && of(found);
    if (!article) return;
    const { react: name, shortcut } = found.dataset;
    if (name) react(article, name);
    else if (shortcut) act("shortcut", { ...ids(article), callback_id: shortcut });
    else if ("edit" in found.dataset) edit(article);
    else if ("delete" in found.dataset) remove(article);
    else if ("dismiss" in found.dataset) act("dismiss", ids(article));
    else navigator.clipboard?.writeText($("[data-body]", article).innerText).then(() => note("Copied", "The message's text is on the clipboard."));
  });
}
