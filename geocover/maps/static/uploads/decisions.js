// What the reader may do with the list: submit it, accept it, reject or withdraw it.

import { config, fill, h, number, t } from "../base.js";
import { ask, attempt, complain, Problem } from "./http.js";
import { day, listAddress, stateOf } from "./words.js";

const place = document.getElementById("decision");
let list = null;
let done = () => {};

/** Draw the decisions for a list; `decided` gets the server's answer to one. */
export function drawDecision(of, decided) {
  list = of;
  done = decided;
  const parts = choices();
  place.hidden = !parts.length;
  fill(place, parts);
}

function choices() {
  if (list.state === "accepted") return [said("accepted_on")];
  if (list.state === "superseded") return [said("superseded_on")];
  const steps = [first(), last()].filter(Boolean);
  return steps.length || list.state === "checked" ? [words(), buttons(...steps)] : [];
}

function said(key) {
  return h("p", { class: "ok" }, t(key, { date: day(list.accepted_at) }));
}

/** What would be handed in, or why nothing can be. */
function words() {
  if (!list.rows_accepted) return h("p", {}, t("nothing_usable"));
  if (stateOf(list) === "submitted" && !list.may.accept) return h("p", { class: "ok" }, t("submitted"));
  const values = { accepted: number(list.rows_accepted), rejected: number(list.rows_rejected) };
  const [clean, note] = list.may.accept ? ["accept_clean", "accept_note"] : ["submit_clean", "submit_note"];
  return h("p", {}, t(list.rows_rejected ? note : clean, values));
}

/** To accept, for those who may; for the others to submit, once. */
function first() {
  if (list.may.accept) return button("accept", "primary", sure);
  if (!list.may.submit || stateOf(list) === "submitted") return null;
  return button("submit", "primary", () => decide("/submit", {}));
}

/** To reject somebody's list, or to withdraw one's own. */
function last() {
  if (list.state !== "checked" || !list.may.reject) return null;
  if (config.me.operator) return button("withdraw", "plain-button", () => reason("withdraw", "withdraw_reason"));
  return button("reject", "danger", () => reason("reject", "reject_reason"));
}

function button(name, kind, onclick) {
  return h("button", { type: "button", class: kind, "data-decision": name, onclick }, t(name));
}

function buttons(...all) {
  return h("p", { class: "buttons" }, all);
}

function back() {
  return h("button", { type: "button", class: "plain-button", onclick: () => drawDecision(list, done) }, t("never_mind"));
}

/** Ask once more: what is accepted stays so. */
function sure() {
  const seen = { checked_at: list.checked_at, unsubmitted: list.unsubmitted };
  const yes = button("accept", "primary", () => decide("/accept", seen));
  const words = list.unsubmitted ? ["accept_unsubmitted", "accept_sure"] : ["accept_sure"];
  fill(place, words.map((one) => h("p", {}, t(one))), buttons(yes, back()));
  yes.focus();
}

function reason(name, label) {
  const text = h("textarea", { id: "reason", rows: 3, maxlength: 2000, required: true });
  const refuse = () => {
    if (text.value.trim()) return decide("/reject", { reason: text.value.trim() });
    text.setAttribute("aria-invalid", "true");
    text.focus();
    return complain(new Problem(0, t("reject_missing")));
  };
  fill(place, h("label", { for: "reason", class: "label" }, t(label)), text, buttons(button(name, "danger", refuse), back()));
  text.focus();
}

async function decide(part, body) {
  for (const one of place.querySelectorAll("button")) one.disabled = true;
  const answer = await attempt(() => ask(listAddress(list.id, part), "POST", body));
  if (answer === undefined) for (const one of place.querySelectorAll("button")) one.disabled = false;
  else await done(answer, part);
}
