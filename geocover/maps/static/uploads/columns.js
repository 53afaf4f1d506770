// How the columns were understood, with what each could mean instead; changes are checked together.

import { config, fill, h, number, percent, t } from "../base.js";
import { table } from "./words.js";

const SURE = 0.85;
const TECHNOLOGIES = ["2G", "3G", "4G", "5G"];
const place = document.getElementById("columns");
const names = new Map(config.fields);
let mapping = null;
let changed = new Map();
let given = {};
let remembered = false; // whether anything was said of the columns, now or with an earlier list
let recheck = () => {};

/** Draw the columns of a report; `check` gets the mapping when the reader wants the list checked again, null where he may not. */
export function drawColumns(report, check) {
  mapping = report.mapping;
  changed = new Map();
  given = {};
  recheck = check;
  const told = report.tables.some((one) => one.columns.some((column) => column.by === "mapping"));
  remembered = told || Boolean(mapping.crs || mapping.technology);
  place.hidden = false;
  const tables = report.tables.map((one) => tableOf(one, report.tables.length > 1));
  fill(place,
    h("h2", { id: "columns-title" }, t("columns")),
    check ? h("p", { class: "muted" }, t("columns_note")) : null,
    tables.length ? tables : h("p", { class: "muted" }, t("no_tables")),
    check ? [unsaid(), h("p", { class: "again", "aria-live": "polite", id: "again" })] : null);
  if (check) drawAgain();
}

function tableOf(one, several) {
  const heads = [t("column"), t("head"), t("meaning"), t("confidence"), t("by")];
  const where = one.sheet ? t("table_where", { sheet: one.sheet, range: one.range, read: number(one.rows.read) }) : t("table_plain", { read: number(one.rows.read) });
  return [h(several ? "h3" : "p", { class: several ? null : "muted" }, where), table(`${t("columns")}: ${where}`, heads, one.columns.map(row))];
}

function row(column) {
  return h("tr", { class: column.field && column.confidence < SURE ? "unsure" : null },
    h("th", { scope: "row" }, column.letter),
    h("td", { class: "given-text" }, column.head || t("unnamed")),
    h("td", {}, recheck && /[\p{L}\p{N}]/u.test(column.head) ? picker(column) : meaning(column.field)),
    h("td", { class: "certainty" }, certainty(column)),
    h("td", {}, t(`by_${column.by}`)));
}

function meaning(field) {
  return field ? names.get(field) ?? field : t("unused");
}

function certainty(column) {
  if (!column.field) return t("none");
  const level = h("meter", { min: 0, max: 1, low: SURE, high: SURE, optimum: 1, value: column.confidence, "aria-label": t("confidence") });
  return [level, ` ${percent(column.confidence, 0)}`, column.confidence < SURE ? h("span", { class: "hint" }, ` ${t("unsure")}`) : null];
}

function picker(column) {
  const options = [["", t("unused")], ...config.fields].map(([name, title]) =>
    h("option", { value: name, selected: name === (column.field ?? "") }, title));
  return h("select", {
    "aria-label": t("meaning_of", { letter: column.letter, head: column.head }),
    "data-head": column.head, "data-was": column.field ?? "", onchange: pick,
  }, options);
}

/** A head means one thing: columns with the same head change together. */
function pick(event) {
  const { value, dataset } = event.target;
  for (const one of place.querySelectorAll("select[data-head]")) {
    if (one.dataset.head === dataset.head) one.value = value;
  }
  if (value === dataset.was) changed.delete(dataset.head);
  else changed.set(dataset.head, value);
  drawAgain();
}

/** What counts where the list is silent: the grid of its metres, and a technology. */
function unsaid() {
  const choices = [["crs", t("given_crs"), config.zones], ["technology", t("given_technology"), TECHNOLOGIES.map((one) => [one, one])]];
  const told = choices.some(([name]) => mapping[name]);
  return h("details", { class: "given", open: told }, h("summary", {}, t("given")),
    h("div", { class: "fields" }, choices.map(([name, label, options]) => choice(name, label, options))));
}

function choice(name, label, options) {
  const known = options.some(([value]) => value === mapping[name]) || !mapping[name] ? options : [[mapping[name], mapping[name]], ...options];
  const all = [["", t("given_auto")], ...known];
  return h("div", { class: "field" }, h("label", { class: "label", for: `given-${name}` }, label),
    h("select", { id: `given-${name}`, onchange: (event) => give(name, event.target.value) },
      all.map(([value, title]) => h("option", { value, selected: value === (mapping[name] ?? "") }, title))));
}

function give(name, value) {
  if (value === (mapping[name] ?? "")) delete given[name];
  else given[name] = value;
  drawAgain();
}

function drawAgain() {
  const count = changed.size + Object.keys(given).length;
  fill(document.getElementById("again"),
    h("button", { type: "button", class: "primary", id: "check-again", disabled: count === 0, onclick: again }, t("check_again")),
    count ? [` ${t("changed_columns", { count: number(count) })} `, h("button", { type: "button", class: "link", onclick: undo }, t("undo"))] : null,
    remembered ? [" ", h("button", { type: "button", class: "link", id: "forget", onclick: () => recheck({}) }, t("forget_columns"))] : null);
}

function undo() {
  for (const one of place.querySelectorAll("select[data-head]")) one.value = one.dataset.was;
  for (const name of Object.keys(given)) document.getElementById(`given-${name}`).value = mapping[name] ?? "";
  changed = new Map();
  given = {};
  drawAgain();
}

function again() {
  recheck({ ...mapping, ...given, columns: { ...mapping.columns, ...Object.fromEntries(changed) } });
}
