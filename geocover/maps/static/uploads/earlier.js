// The table of earlier uploads, newest first, one page at a time.

import { config, fill, h, number, t } from "../base.js";
import { ask, attempt } from "./http.js";
import { badge, day, listPage, moment, table } from "./words.js";

const PAGE = 20;
const place = document.getElementById("earlier");
const shown = [];

/** Fetch the next page of lists and draw all that are known. */
export async function drawEarlier() {
  const answer = await attempt(() => ask(`/site-lists?limit=${PAGE}&offset=${shown.length}`));
  if (!answer) return fill(place);
  shown.push(...answer.lists);
  const rest = shown.length < answer.total;
  if (!shown.length) return fill(place, h("p", { class: "muted" }, t("earlier_none")));
  return fill(place, table(t("earlier"), heads(), shown.map(row)),
    rest ? h("p", {}, h("button", { type: "button", class: "plain-button", onclick: drawEarlier }, t("more"))) : null);
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
