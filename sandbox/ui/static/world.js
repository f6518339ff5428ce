// The strip beside the chat: a clock that ticks by itself, controls, and pieces redrawn by the stream.
import { $, steer } from "./api.js";
import { ask } from "./ask.js";
import { note } from "./toast.js";

const clock = { base: null, at: 0, speed: 1, paused: true };

export function rail(parts) {
  for (const [name, html] of Object.entries(parts)) {
    if (name === "clock") continue;
    const place = $(`[data-part="${name}"]`);
    if (!place) continue;
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && ["world", "speed", "openDrawer"].find((key) => key in focused.dataset);
    const chosen = $("[data-scenario]", place)?.value;
    place.innerHTML = html;
    const choice = $("[data-scenario]", place);
    if (chosen && choice) choice.value = chosen;
    if (again) refocus(place, again, focused.dataset[again]);
  }
  if (parts.clock) set(parts.clock);
}

const TWIN = { pause: "resume", resume: "pause" };
function refocus(place, key, value) {
  const name = `data-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  ($(`[${name}="${value}"]`, place) || $(`[${name}="${TWIN[value]}"]`, place))?.focus({ preventScroll: true });
}

function set({ now, speed, paused }) {
  Object.assign(clock, { base: Date.parse(now), at: performance.now(), speed, paused });
  $("[data-pace]").textContent = paused ? "paused" : "";
  tick();
}

function tick() {
  if (clock.base === null) return;
  const gone = clock.paused ? 0 : (performance.now() - clock.at) * clock.speed;
  const now = new Date(clock.base + gone);
  $("[data-clock]").textContent = now.toISOString().slice(11, 19);
  const day = now.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  $("[data-date]").textContent = `UTC, ${day.replace(",", "")}`;
}

async function steered(event) {
  const found = event.target.closest("[data-world], [data-speed], [data-toggle]");
  if (!found) return;
  const { world, speed, toggle } = found.dataset;
  if (toggle) {
    const open = document.getElementById(toggle).classList.toggle("open");
    found.setAttribute("aria-expanded", String(open));
    return;
  }
  if (speed) { await steer("speed", { speed: Number(speed) }); return; }
  if (world === "reset") {
    const sure = await ask({ title: "Reset the world?", html: "Channels, incidents and metrics go back to the beginning.", confirm: "Reset", deny: "Keep playing", danger: true });
    if (sure) await steer("reset");
    return;
  }
  const answer = await steer(world, world === "start" ? { scenario: $("[data-scenario]")?.value } : {});
  if (answer.hint) note("Hint", answer.hint);
}

function outside(event) {
  const side = $("#sidebar");
  if (side.classList.contains("open") && !side.contains(event.target) && !event.target.closest("[data-toggle='sidebar']")) shut();
}

export function shut() {
  let was = false;
  for (const id of ["sidebar", "world"]) {
    was = document.getElementById(id).classList.contains("open") || was;
    document.getElementById(id).classList.remove("open");
    $(`[data-toggle="${id}"]`)?.setAttribute("aria-expanded", "false");
  }
  return was;
}

export function startWorld() {
  document.addEventListener("click", steered);
  document.addEventListener("click", outside);
  setInterval(tick, 250);
}
