// Which of the earlier lists are shown: kept in the address, so that going back and a bookmark show the same.

import { config, fill, h, number, t } from "../base.js";
import { ask, attempt } from "./http.js";

const NAMES = ["state", "operator", "as_of"];
const STATES = ["draft", "checked", "accepted", "superseded", "rejected"];
const WAITING = "checked";
const bar = h("div", { class: "list-filters", role: "group", "aria-label": t("filters") });
const told = h("p", { class: "muted", role: "status" });
const count = h("span", { class: "waiting-count" });
const waiting = h("button", { type: "button", class: "plain-button", id: "waiting", onclick: toggle }, `${t("filter_waiting")} `, count);
const clear = h("button", { type: "button", class: "plain-button", onclick: () => choose({}) }, t("filter_clear"));
const fields = {};
let redraw = null;

/** What is chosen, by the names of the address. */
export function chosen() {
  const query = new URLSearchParams(window.location.search);
  return Object.fromEntries(NAMES.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
}

/** Put the filters above the lists; `draw` is called whenever something else is chosen. */
export function startFilters(draw) {
  redraw = draw;
  fields.state = select(STATES.map((one) => [one, one === WAITING ? t("filter_state_checked") : t(`state_${one}`)]), "filter_state_any");
  fields.as_of = h("input", { type: "date", id: "filter-as_of" });
  const parts = [field("state", "state"), field("as_of", "as_of")];
  if (!config.me?.operator) {
    const known = new Set([...config.operators, chosen().operator].filter(Boolean));
    fields.operator = select([...known].map((one) => [one, one]), "filter_operator_any");
    parts.splice(1, 0, field("operator", "operator"));
  }
  for (const one of Object.values(fields)) one.addEventListener("change", change);
  fill(bar, waiting, parts, clear);
  document.getElementById("earlier").before(bar, told);
  window.addEventListener("popstate", show);
  mark();
  countWaiting();
}

/** Say how many lists there are of those chosen; there is nothing to choose from before the first list. */
export function tellFound(total) {
  bar.hidden = told.hidden = !total && !Object.keys(chosen()).length;
  fill(told, t("filter_found", { count: number(total) }));
}

/** What is said where no list is as chosen. */
export function nothingFound() {
  return t(Object.keys(chosen()).length ? "filter_nothing" : "earlier_none");
}

function select(choices, any) {
  const options = choices.map(([value, label]) => h("option", { value }, label));
  return h("select", {}, h("option", { value: "" }, t(any)), options);
}

function field(name, label) {
  fields[name].id = `filter-${name}`;
  return h("div", { class: "list-filter" }, h("label", { class: "label", for: `filter-${name}` }, t(label)), fields[name]);
}

function toggle() {
  const { state, ...others } = chosen();
  choose(state === WAITING ? others : { ...others, state: WAITING });
}

function change() {
  choose(Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.value]).filter(([, value]) => value)));
}

/** Write what is chosen into the address, as a step to go back from, and draw it. */
function choose(wanted) {
  const query = new URLSearchParams(window.location.search);
  for (const name of NAMES) query.delete(name);
  for (const [name, value] of Object.entries(wanted)) query.set(name, value);
  window.history.pushState(null, "", `?${query}`);
  show();
}

function show() {
  mark();
  countWaiting();
  redraw();
}

/** Bring the fields and the links to the other language in line with the address. */
function mark() {
  const wanted = chosen();
  for (const [name, one] of Object.entries(fields)) one.value = wanted[name] ?? "";
  waiting.setAttribute("aria-pressed", String(wanted.state === WAITING));
  clear.hidden = !Object.keys(wanted).length;
  for (const link of document.querySelectorAll("a[hreflang]")) {
    link.search = new URLSearchParams({ lang: link.hreflang, ...wanted });
  }
}

/** Lists that wait, of the operator and the date that are chosen. */
async function countWaiting() {
  const query = new URLSearchParams({ ...chosen(), state: WAITING, limit: 1 });
  const answer = await attempt(() => ask(`/site-lists?${query}`));
  if (answer) fill(count, number(answer.total));
}
