// One stream of changes; closed while the tab is hidden, caught up when it is shown again.
import { $, handle } from "./api.js";
import { arrived, gone, refreshAll, refreshHome, refreshSidebar } from "./chat.js";
import { refreshModal } from "./modal.js";
import { rail } from "./world.js";

let source = null;
let last = document.body.dataset.seq;

// Several changes of one kind within a moment are one redraw.
function soon(work) {
  let timer = null;
  let given;
  return (value) => {
    given = timer && given !== value ? undefined : value;
    clearTimeout(timer);
    timer = setTimeout(() => { timer = null; work(given).catch(() => {}); }, 60);
  };
}

const handlers = {
  message: arrived,
  gone,
  sidebar: soon((channel) => refreshSidebar(channel)),
  modal: soon(() => refreshModal()),
  home: soon(() => refreshHome()),
  reload: soon((reset) => refreshAll(reset).then(refreshModal)),
  rail,
};

function open() {
  if (source) return;
  source = new EventSource(`/ui/events?as=${handle}&after=${last}`);
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => {
      if (event.lastEventId) last = event.lastEventId;
      const body = JSON.parse(event.data);
      handler({ sidebar: body.channel, reload: body.reset }[name] ?? body);
    });
  }
  source.addEventListener("open", () => { $("#link-state").hidden = true; });
  source.addEventListener("error", () => {
    $("#link-state").hidden = false;
    // A world that was started anew answers with an error page once: begin again.
    if (source?.readyState === EventSource.CLOSED) { close(); setTimeout(open, 1500); }
  });
}

function close() {
  source?.close();
  source = null;
}

export function startStream() {
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  if (!document.hidden) open();
}
