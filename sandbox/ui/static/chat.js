// The message lists: put a drawn message in its place, keep the reader's place, mark what is new.
import { $, $$, act, element, latest, handle, me } from "./api.js";
import { push } from "./toast.js";

const GROUP = 300; // seconds within which one author's messages read as one
const seen = JSON.parse(localStorage.getItem(`seen-${me}`) || "{}");
// Marks of an earlier world, whose clock had got further, say nothing about this one.
for (const [channel, ts] of Object.entries(seen)) if (Number(ts) > Number(document.body.dataset.now)) delete seen[channel];

export const pane = () => $("[data-pane='channel']");
export const channelNow = () => pane()?.dataset.channel || "";
const list = () => $("[data-messages]");
const thread = () => $("[data-thread-messages]");
export const threadNow = () => ($("#thread").hidden ? "" : thread()?.dataset.ts || "");

const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 90;
let fromTheTop = ""; // the channel whose beginning is being read: what arrives does not scroll it away
const toEnd = (box) => { box.scrollTop = box.scrollHeight; };
// Who asks wants to see the answer, whatever was being read.
export function awaitAnswer() {
  if (!list()) return;
  fromTheTop = "";
  toEnd(list());
}

function regroup(box) {
  let before = null;
  for (const article of $$("article.msg", box)) {
    const plain = !article.matches(".notice, .ephemeral, .pinned") && !$(".avatar.bot", article);
    const near = before && plain && before.dataset.user === article.dataset.user
      && article.dataset.ts - before.dataset.ts < GROUP;
    article.classList.toggle("follows", Boolean(near));
    before = article.matches(".notice, .ephemeral, .pinned") ? null : article;
  }
}

// What somebody is typing or has chosen in a message survives its being drawn again.
function keep(from, into) {
  if ($(".edit-box", from)) return true;
  const focused = from.contains(document.activeElement) ? document.activeElement : null;
  if (focused?.dataset.action) {
    const again = $(`[data-block="${CSS.escape(focused.dataset.block)}"][data-action="${CSS.escape(focused.dataset.action)}"]`, into);
    queueMicrotask(() => again?.focus({ preventScroll: true }));
  }
  return false;
}

function upsert(box, ts, html) {
  const article = element(html);
  const old = $(`article[data-ts="${CSS.escape(ts)}"]`, box);
  if (old) {
    if (!keep(old, article)) old.replaceWith(article);
  } else {
    $("[data-empty]", box)?.remove();
    const after = $$("article.msg", box).find((each) => Number(each.dataset.ts) > Number(ts));
    box.insertBefore(article, after || null);
  }
  regroup(box);
}

export function arrived({ channel, ts, thread: parent, broadcast, html, in_thread, toast, mine }) {
  const here = channel === channelNow();
  const box = list();
  let visible = false;
  if (here && box && (!parent || broadcast)) {
    const stay = mine || (atEnd(box) && channel !== fromTheTop);
    upsert(box, ts, html);
    if (stay) toEnd(box); else if (toast) $("[data-to-end]").hidden = atEnd(box);
    visible = stay;
  }
  const root = parent || ts;
  if (threadNow() === root && thread().dataset.channel === channel) {
    const stay = atEnd(thread()) || mine;
    upsert(thread(), ts, in_thread);
    if (stay) toEnd(thread());
    visible = true;
  }
  if (here && !parent) markSeen(channel, ts);
  if (!here && toast) freshen(channel, ts);
  if (toast && !(visible && document.hasFocus())) announce(toast, channel, parent);
}

function announce(toast, channel, parent) {
  const name = $(`[data-open-channel="${CSS.escape(channel)}"] .name`)?.textContent;
  push(toast, name ? `#${name}` : "now", async () => {
    await openChannel(channel);
    if (parent) openThread(parent);
  });
}

export function gone({ channel, ts }) {
  if (channel === channelNow()) $(`article[data-ts="${CSS.escape(ts)}"]`, list())?.remove();
  if (thread()) $(`article[data-ts="${CSS.escape(ts)}"]`, thread())?.remove();
  if (list()) regroup(list());
}

// unread marks live in this browser, one set for each person
function markSeen(channel, ts) {
  if (Number(ts) <= Number(seen[channel] || 0)) return;
  seen[channel] = ts;
  localStorage.setItem(`seen-${me}`, JSON.stringify(seen));
}

function freshen(channel, ts) {
  const link = $(`[data-open-channel="${CSS.escape(channel)}"]`);
  if (!link) return;
  link.dataset.latest = ts;
  markUnread();
}

let firstVisit = !Object.keys(seen).length; // what was said before one came counts as read
export function markUnread() {
  for (const link of $$("[data-open-channel]")) {
    const { openChannel: channel, latest } = link.dataset;
    if (firstVisit && latest) markSeen(channel, latest);
    const fresh = channel !== channelNow() && Number(latest || 0) > Number(seen[channel] || 0);
    link.classList.toggle("fresh", fresh);
    $(".unread", link).hidden = !fresh;
  }
  firstVisit = false;
}

function settle() {
  const box = list();
  if (!box) return;
  regroup(box);
  // A channel that is read for the first time begins at its beginning, where the card is.
  fromTheTop = seen[channelNow()] || firstVisit ? "" : channelNow();
  if (fromTheTop) { box.scrollTop = 0; $("[data-to-end]").hidden = atEnd(box); } else toEnd(box);
  const last = $$("article.msg", box).at(-1);
  if (last) markSeen(channelNow(), last.dataset.ts);
  const wanted = location.hash.startsWith("#m") && $(`article[data-ts="${CSS.escape(location.hash.slice(2))}"]`, box);
  if (wanted) flash(wanted);
  markUnread();
}

function flash(article) {
  article.scrollIntoView({ block: "center" });
  article.classList.add("flash");
}

function address(params) {
  const query = new URLSearchParams({ as: handle, ...params });
  if (`?${query}` !== location.search) history.pushState({}, "", `?${query}`);
}

export async function openChannel(channel, { quietly = false } = {}) {
  const html = await latest("main", "/ui/channel", { channel });
  if (html === null) return;
  $("#main").innerHTML = html;
  closeThread();
  if (!quietly) address({ channel });
  for (const link of $$(".sidebar [aria-current='page']")) link.removeAttribute("aria-current");
  $(`[data-open-channel="${CSS.escape(channelNow())}"]`)?.setAttribute("aria-current", "page");
  document.title = `${pane()?.dataset.name || ""} · demo world`;
  settle();
  document.dispatchEvent(new CustomEvent("pane"));
}

export async function openHome({ quietly = false } = {}) {
  const html = await latest("main", "/ui/home", { opened: "1" });
  if (html === null) return;
  $("#main").innerHTML = html;
  closeThread();
  if (!quietly) address({ home: "1" });
  for (const link of $$(".sidebar [aria-current='page']")) link.removeAttribute("aria-current");
  $("[data-open-home]")?.setAttribute("aria-current", "page");
}

export async function refreshHome() {
  if (!$("[data-pane='home']")) return;
  const html = await latest("home", "/ui/home");
  if (html !== null && $("[data-pane='home']")) $("#main").innerHTML = html;
}

export async function openThread(ts) {
  const html = await latest("thread", "/ui/thread", { channel: channelNow(), ts });
  if (!html?.trim()) return;
  const box = $("#thread");
  box.innerHTML = html;
  box.hidden = false;
  regroup(thread());
  toEnd(thread());
  document.dispatchEvent(new CustomEvent("pane"));
  $("[data-text]", box)?.focus({ preventScroll: true });
}

export function closeThread() {
  const box = $("#thread");
  if (box.hidden) return;
  const root = thread()?.dataset.ts;
  box.hidden = true;
  box.innerHTML = "";
  $(`article[data-ts="${CSS.escape(root || "")}"] [data-open-thread]`, list() || document)?.focus({ preventScroll: true });
}

export async function refreshSidebar(channel) {
  const here = channelNow();
  const scroll = $(".side-scroll").scrollTop;
  const html = await latest("sidebar", "/ui/sidebar", here ? { channel: here } : { home: "1" });
  if (html !== null) {
    $("#sidebar").innerHTML = html;
    $(".side-scroll").scrollTop = scroll;
    markUnread();
  }
  if (here && (!channel || channel === here)) await redrawEdges(here);
}

// The head, and the foot where one may write now or no longer: never under somebody's typing.
async function redrawEdges(channel) {
  const html = await latest("edges", "/ui/edges", { channel });
  if (html === null || channel !== channelNow()) return;
  const made = document.createElement("template");
  made.innerHTML = html;
  $("[data-head]").replaceWith($("[data-head]", made.content));
  const [foot, now] = [$("[data-foot]", pane()), $("[data-foot]", made.content)];
  if (foot.dataset.foot === now.dataset.foot) return;
  foot.replaceWith(now);
  document.dispatchEvent(new CustomEvent("pane"));
}

export async function refreshAll(reset) {
  if (reset === true) for (const channel of Object.keys(seen)) delete seen[channel];
  await refreshSidebar();
  const open = threadNow();
  if (channelNow()) await openChannel(channelNow(), { quietly: true });
  if (open) await openThread(open);
}

function clicked(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  const found = event.target.closest("[data-open-channel], [data-channel-link], [data-open-home], [data-open-thread], [data-close-thread], [data-to-end], [data-jump], [data-join]");
  if (!found) return followPermalink(event);
  const { openChannel: channel, channelLink, openThread: ts, jump, join } = found.dataset;
  event.preventDefault();
  $("#sidebar").classList.remove("open");
  if (channel || channelLink) openChannel(channel || channelLink);
  else if (ts) openThread(ts);
  else if (join) act("join", { channel: join }).then(() => openChannel(join));
  else if ("openHome" in found.dataset) openHome();
  else if ("closeThread" in found.dataset) closeThread();
  else if (jump) { const to = $(`article[data-ts="${CSS.escape(jump)}"]`, list()); if (to) flash(to); }
  else { toEnd(list()); found.hidden = true; }
}

// The bot links messages a lot: within this world that is a jump, not a new window.
async function followPermalink(event) {
  const link = event.target.closest("a[href*='/archives/']");
  const [, channel, packed] = (link && new URL(link.href).pathname.match(/^\/archives\/(\w+)(?:\/p(\d+))?$/)) || [];
  if (!channel || new URL(link.href).origin !== location.origin) return;
  event.preventDefault();
  const root = new URL(link.href).searchParams.get("thread_ts");
  if (channel !== channelNow()) await openChannel(channel);
  const ts = packed && `${packed.slice(0, -6)}.${packed.slice(-6)}`;
  const to = ts && $(`article[data-ts="${CSS.escape(root || ts)}"]`, list());
  if (to) flash(to);
  if (root) openThread(root);
}

export function startChat() {
  document.addEventListener("click", clicked);
  document.addEventListener("scroll", (event) => {
    if (event.target === list() && atEnd(list())) { $("[data-to-end]").hidden = true; fromTheTop = ""; }
  }, true);
  window.addEventListener("popstate", () => {
    const query = new URLSearchParams(location.search);
    if (query.get("as") && query.get("as") !== handle) return location.reload();
    return query.has("home") ? openHome({ quietly: true }) : openChannel(query.get("channel") || "", { quietly: true });
  });
  if ($("#thread").innerHTML.trim()) { $("#thread").hidden = false; regroup(thread()); toEnd(thread()); }
  settle();
}
