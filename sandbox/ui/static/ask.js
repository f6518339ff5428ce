// The question before something that cannot be taken back.
import { $ } from "./api.js";

const dialog = $("#ask");
let answer = () => {};

// The browser tells of a closing with its next picture: by then the next question may be open.
dialog.addEventListener("close", () => { if (!dialog.open) answer(dialog.returnValue === "yes"); });

// `html` comes drawn and escaped from the server, or is a constant of ours.
export function ask({ title, html, confirm, deny, danger }) {
  answer(false);
  $("#ask-title").textContent = title;
  $("[data-ask-body]", dialog).innerHTML = html;
  const yes = $("[data-ask-yes]", dialog);
  yes.textContent = confirm;
  yes.className = danger ? "btn danger fill" : "btn primary";
  $("[data-ask-no]", dialog).textContent = deny;
  dialog.returnValue = "";
  if (!dialog.open) dialog.showModal();
  // Enter pressed twice in a hurry must not do what cannot be undone.
  (danger ? $("[data-ask-no]", dialog) : yes).focus();
  return new Promise((resolve) => { answer = resolve; });
}
