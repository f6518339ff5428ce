// Shows what a phone would show of a message, and what went wrong.
const shelf = () => document.getElementById("toasts");
const STAYS = 7000;
const MOST = 3;

function show(node) {
  const place = shelf();
  place.append(node);
  while (place.children.length > MOST) place.firstElementChild.remove();
  let timer = setTimeout(() => node.remove(), STAYS);
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", () => { timer = setTimeout(() => node.remove(), STAYS / 2); });
  return node;
}

function card(tag, title, note, text) {
  const node = document.createElement(tag);
  node.className = "toast";
  const head = document.createElement("b");
  head.textContent = title;
  const aside = document.createElement("span");
  aside.textContent = note;
  head.append(aside);
  const words = document.createElement("p");
  words.textContent = text;
  node.append(head, words);
  return node;
}

// `picture` comes drawn from the server.
export function push({ from, text, empty, picture }, where, onOpen) {
  const node = card("button", from, where, empty ? "(no text: a phone would show nothing useful)" : text);
  node.type = "button";
  node.insertAdjacentHTML("afterbegin", picture);
  node.addEventListener("click", () => { node.remove(); onOpen(); });
  show(node);
}

export function problem(text) {
  const node = card("div", "That did not work", "", String(text));
  node.classList.add("problem");
  node.setAttribute("role", "alert");
  show(node);
}

export function note(title, text) {
  show(card("div", title, "", text));
}
