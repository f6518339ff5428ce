// Behind the scenes: the traffic as it happens, and the other systems in a compact form.
import { $, $$, fragment } from "./api.js";

const PACE = 1200;
const dialog = () => $("#drawer");
const panel = () => $("[data-panel]");
let tab = "traffic";
let timer = null;

async function show(name) {
  tab = name;
  for (const button of $$("[role='tab']", dialog())) {
    const on = button.dataset.tab === name;
    button.setAttribute("aria-selected", String(on));
    button.tabIndex = on ? 0 : -1;
    if (on) { panel().setAttribute("aria-labelledby", button.id); button.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }
  await draw();
  panel().scrollTop = 0;
}

async function draw() {
  const open = $$("details[open]", panel()).map((each) => $$("details", panel()).indexOf(each));
  const html = await fragment(`/ui/panel/${tab}`);
  if (html === panel().shown) return;
  panel().shown = html;
  panel().innerHTML = html;
  for (const n of open) $$("details", panel())[n]?.setAttribute("open", "");
}

async function follow() {
  const list = $("[data-traffic]", panel());
  if (tab !== "traffic" || !list || !Number(list.dataset.last)) return draw();
  const answer = await fetch(`/ui/records?after=${list.dataset.last}`);
  const { html, last } = await answer.json();
  if (!last) return settle(list);
  const keep = panel().scrollTop;
  const before = panel().scrollHeight;
  list.insertAdjacentHTML("afterbegin", html);
  list.dataset.last = last;
  if (keep > 40) panel().scrollTop = keep + panel().scrollHeight - before;
  return settle(list);
}

// An exchange that was under way when it was drawn gets its answer later.
async function settle(list) {
  const waiting = $$(".status", list).find((each) => each.textContent === "…");
  const row = waiting?.closest("li");
  if (!row) return;
  const answer = await fetch(`/ui/records?after=${Number(row.dataset.n) - 1}`);
  const fresh = document.createElement("ol");
  fresh.innerHTML = (await answer.json()).html;
  for (const each of fresh.children) {
    const old = $(`li[data-n="${each.dataset.n}"]`, list);
    if (old && !$("details[open]", old)) old.replaceWith(each.cloneNode(true));
  }
}

async function unfold(event) {
  const found = event.target;
  if (!found.open || !found.dataset?.exchange) return;
  const slot = $("[data-slot]", found);
  if (!slot.innerHTML) slot.innerHTML = await fragment(`/ui/exchange/${found.dataset.exchange}`);
}

function moved(event) {
  const tabs = $$("[role='tab']", dialog());
  const now = tabs.indexOf(event.target);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (now < 0 || !step) return;
  event.preventDefault();
  const next = tabs[(now + step + tabs.length) % tabs.length];
  next.focus();
  show(next.dataset.tab);
}

export function startDrawer() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-drawer]");
    if (opener) {
      dialog().showModal();
      show(opener.dataset.openDrawer);
      timer = setInterval(() => { if (!document.hidden) follow().catch(() => {}); }, PACE);
    }
    const chosen = event.target.closest("[data-tab]");
    if (chosen) show(chosen.dataset.tab);
    if (event.target.closest("[data-close-drawer]") || event.target === dialog()) dialog().close();
  });
  dialog().addEventListener("close", () => clearInterval(timer));
  dialog().addEventListener("keydown", moved);
  dialog().addEventListener("toggle", unfold, true);
}
