// Starts every part of the page; each listens for what concerns it.
import { $ } from "./api.js";
import { startBlocks } from "./blocks.js";
import { closeThread, startChat } from "./chat.js";
import { startComposer } from "./composer.js";
import { startDrawer } from "./drawer.js";
import { startMenus } from "./menu.js";
import { startMessages } from "./message.js";
import { startModal } from "./modal.js";
import { startStream } from "./stream.js";
import { startTheme } from "./theme.js";
import { shut, startWorld } from "./world.js";

startTheme();
startMenus();
startChat();
startMessages();
startBlocks();
startComposer();
startModal();
startWorld();
startDrawer();
startStream();

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("dialog[open]") && !shut()) closeThread();
});
document.documentElement.dataset.ready = "";
