// The table of earlier uploads, newest first, one page at a time: all of them, or those that the filters leave.

import { config, fill, h, number, t } from "../base.js";
import { chosen, nothingFound, startFilters, tellFound } from "./filters.js";
import { ask, attempt } from "./http.js";
import { badge, day, listPage, moment, table } from "./words.js";

const PAGE = 20;
const place = document.getElementById("earlier");
let shown = [];
let asked = "";

/** Draw the filters and the first lists. */
export async function drawEarlier() {
  startFilters(drawAnew);
  await drawAnew();
}

function drawAnew() {
  shown = [];
  return drawMore();
}

/** Fetch the next page of lists and draw all that are known; what was asked for before the last choice is dropped. */
async function drawMore() {
  const query = new URLSearchParams({ ...chosen(), limit: PAGE, offset: shown.length }).toString();
  asked = query;
  const answer = await attempt(() => ask(`/site-lists?${query}`));
  if (asked !== query) return;
  asked = "";
  if (answer) draw(answer);
  else fill(place);
}

function draw(answer) {
  shown.push(...answer.lists);
  tellFound(answer.total);
  if (!shown.length) return fill(place, h("p", { class: "muted" }, nothingFound()));
  const rest = shown.length < answer.total;
  return fill(place, table(t("earlier"), heads(), shown.map(row)),
    rest ? h("p", {}, h("button", { type: "button", class: "plain-button", onclick: drawMore }, t("more"))) : null);
}

function ownOnly() {
  return Boolean(config.me?.operator);
}

function heads() {
  const counts = ["read", "accepted", "rejected"].map((name) => ({ title: t(name), number: true }));
  return [t("file"), t("state"), ...(ownOnly() ? [] : [t("operator")]), t("as_of"), ...counts, { title: t("version"), number: true }, t("uploaded_at")];
}

function row(list) {
  const counts = [list.rows_read, list.rows_accepted, list.rows_rejected];
  return h("tr", {},
    h("th", { scope: "row", class: "file-name" }, h("a", { href: listPage(list.id) }, list.name)),
    h("td", {}, badge(list)),
    ownOnly() ? null : h("td", {}, list.operator),
    h("td", {}, day(list.as_of)),
    counts.map((count) => h("td", { class: "number" }, number(count))),
    h("td", { class: "number" }, number(list.version)),
    h("td", {}, moment(list.uploaded_at)));
}
