// Keeps the page fresh and the chart's days one stop of the Tab key. Without it everything still works.

const AGAIN = 60_000;
let reading = false;
let missed = false;

function said(text) {
  const place = document.getElementById("live");
  if (place.textContent !== text) place.textContent = text;
}

// The part of the page that changes, as the server draws it now; what was open or in focus stays so.
async function refresh() {
  if (reading) { missed = true; return; }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "manual" });
    // The session is over: the browser goes where this page now leads, which is to Slack.
    if (answer.type === "opaqueredirect") { location.reload(); return; }
    if (!answer.ok && answer.status !== 404) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    swap(fresh.getElementById("main"));
    said("");
  } catch {
    said("No answer from Tocsin: trying again");
  } finally {
    reading = false;
    if (missed) { missed = false; refresh(); }
  }
}

function swap(fresh) {
  const main = document.getElementById("main");
  if (!fresh) return;
  const focused = document.activeElement?.id;
  const inside = main.contains(document.activeElement);
  for (const each of main.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`#${CSS.escape(each.id)}`)?.setAttribute("open", "");
  }
  main.innerHTML = fresh.innerHTML;
  roam();
  if (inside && focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// Of the chart's days one is reached by Tab, the others by the arrow keys.
function roam() {
  const points = [...document.querySelectorAll(".point")];
  for (const each of points) each.setAttribute("tabindex", "-1");
  points.at(-1)?.setAttribute("tabindex", "0");
}

document.addEventListener("keydown", (event) => {
  const at = event.target.closest?.(".point");
  if (!at || event.altKey || event.ctrlKey || event.metaKey) return;
  const points = [...document.querySelectorAll(".point")];
  const here = points.indexOf(at);
  const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: points.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = points[to];
  if (!next) return;
  at.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
});

const main = document.getElementById("main");
if (main.dataset.events) {
  const stream = new EventSource(main.dataset.events);
  let lost = false;
  stream.addEventListener("changed", refresh);
  stream.addEventListener("error", () => { lost = true; });
  stream.addEventListener("open", () => { if (lost) refresh(); lost = false; });
  setInterval(() => { if (!document.hidden) refresh(); }, AGAIN);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}
if (main.dataset.again) setTimeout(() => location.reload(), Number(main.dataset.again) * 1000);
roam();
document.documentElement.dataset.ready = "";
