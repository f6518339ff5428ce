// Speaks with the demo world: fragments in, acts out, always as the person on this page.
import { problem } from "./toast.js";

export const me = document.body.dataset.me;
export const handle = document.body.dataset.handle;

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

export async function fragment(path, params = {}) {
  const query = new URLSearchParams({ as: handle, ...params });
  const answer = await fetch(`${path}?${query}`);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
}

const asked = {};

// What a part of the page is to show. Null where it was asked for anew meanwhile: an answer may
// overtake the one before it, and what is older must not be drawn over what is newer.
export async function latest(part, path, params = {}) {
  const mine = (asked[part] || 0) + 1;
  asked[part] = mine;
  const html = await fragment(path, params);
  return mine === asked[part] ? html : null;
}

export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: "The demo world does not answer. Is it still running?" };
  }
}

const WORDS = {
  operation_timeout: "The bot did not answer within 3 seconds.",
  dispatch_failed: "The bot could not be reached, or answered with an error. Is it running?",
  view_not_found: "That form is no longer open.",
};

// One act of this person; what went wrong is said, never swallowed.
export async function act(verb, body = {}) {
  const answer = await post(`/ui/act/${verb}`, { as: me, ...body });
  if (answer.ok === false && answer.error && !answer.errors) problem(WORDS[answer.error] || answer.detail || answer.error);
  return answer;
}

export async function steer(what, body = {}) {
  const answer = await post(`/ui/world/${what}`, body);
  if (answer.ok === false && answer.error) problem(answer.error);
  return answer;
}
