// Requests of the pages for site lists: with the token of the page, and with the server's own words when they fail.

import { config, t } from "../base.js";

const token = document.querySelector('meta[name="csrf"]').content;
const box = document.getElementById("problem");

/** What the server refused, in the reader's language; status 0 where it was not reached. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Headers of every request that changes something. */
export function headers(more = {}) {
  return { "Accept-Language": config.language, "X-CSRF-Token": token, ...more };
}

/** An address of this server in the page's language. */
export function page(path, more = {}) {
  return `${path}?${new URLSearchParams({ lang: config.language, ...more })}`;
}

/** JSON that the server answers; a body is sent as JSON. Raises a Problem; who is not signed in goes to sign in. */
export async function ask(url, method = "GET", body = undefined) {
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(url, { method, headers: headers(json), body: JSON.stringify(body) });
  } catch {
    throw new Problem(0, t("offline"));
  }
  const answer = await read(response);
  if (response.ok) return answer;
  if (response.status === 401) signIn();
  throw problemOf(response.status, answer, response.headers.get("Retry-After"));
}

async function read(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** A problem from an answer's status and body (RFC 9457). */
export function problemOf(status, answer, retryAfter) {
  const detail = answer?.detail ?? t("failed", { what: status });
  const seconds = Number.parseInt(retryAfter, 10);
  return new Problem(status, Number.isFinite(seconds) ? `${detail}. ${t("wait", { seconds })}` : detail);
}

/** Go to the page that asks for a key, and come back here afterwards. */
export function signIn() {
  window.location.assign(page("/sign-in", { next: window.location.pathname + window.location.search }));
}

/** Send a form's fields. Raises a Problem. */
export async function post(url, fields) {
  const response = await fetch(url, { method: "POST", headers: headers(), body: fields }).catch(() => null);
  if (!response) throw new Problem(0, t("offline"));
  const answer = await read(response);
  if (!response.ok) throw problemOf(response.status, answer, response.headers.get("Retry-After"));
}

/** Say on the page what went wrong. */
export function complain(error) {
  if (error.status === 401) return;
  box.hidden = false;
  box.textContent = error instanceof Problem ? error.message : t("failed", { what: error.message });
  box.scrollIntoView({ block: "nearest" });
}

/** Take back what was said. */
export function calm() {
  box.hidden = true;
  box.textContent = "";
}

/** Do something that may fail; what failed is said on the page. Gives undefined then. */
export async function attempt(work) {
  calm();
  try {
    return await work();
  } catch (error) {
    complain(error);
    return undefined;
  }
}

async function signOut() {
  await attempt(async () => {
    await post("/sign-out", new URLSearchParams());
    window.location.assign(page("/sign-in"));
  });
}

document.getElementById("sign-out")?.addEventListener("click", (event) => {
  event.preventDefault();
  signOut();
});
