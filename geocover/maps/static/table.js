// The table of communes: a row each, sorted by any column.

import { address, config, fill, h, number, percent, t } from "./base.js";
import { shareColour } from "./colours.js";
import { loadGaps, share } from "./data.js";
import { fullName } from "./layers.js";
import { outdoor, state } from "./state.js";

const WEAK_BELOW = 0.95;
let communes = [];
let onPick = () => {};
let order = { column: 0, down: false };
let gapCounts = new Map();

/** Give the table its communes; `pick` gets the code of a name that is clicked. */
export function startTable(features, pick) {
  communes = features.map((feature) => feature.properties);
  onPick = pick;
  document.getElementById("xlsx").addEventListener("click", fetchWorkbook);
}

/** The workbook is made at the first wish: it is asked for until it is there, then it is fetched. */
async function fetchWorkbook(event) {
  event.preventDefault();
  const link = event.currentTarget;
  const said = document.getElementById("xlsx-said");
  if (said.dataset.busy) return;
  said.dataset.busy = "true";
  fill(said, t("xlsx_making"));
  try {
    const { listing } = await import("./pages/files.js");
    await listing(link.href.slice(0, link.href.lastIndexOf("/") + 1));
    fill(said, t("xlsx_ready"));
    h("a", { href: link.href, download: true }).click();
  } catch (error) {
    fill(said, t("xlsx_failed", { reason: error.message }));
  } finally {
    delete said.dataset.busy;
  }
}

/** The definition of the view, of another technology the one that it starts with. */
function definition(technology) {
  return state.technology === technology ? state.profile : outdoor(technology);
}

function shareColumn(technology) {
  const view = { technology, profile: definition(technology), operator: state.operator, basis: state.basis };
  const known = (one) => share(view, one.code)?.share ?? null;
  return {
    title: `${technology} ${t(`by_${state.basis}`)}`,
    number: true,
    key: (one) => known(one) ?? -1,
    cell: (one) => [chip(known(one)), percent(known(one))],
  };
}

function chip(value) {
  const element = h("span", { class: "chip", "aria-hidden": "true" });
  element.style.backgroundColor = shareColour(value);
  return element;
}

/** Operators that the reader may know of one by one. */
function named() {
  return config.operators[state.technology].length > 2;
}

function weak(one) {
  const names = config.operators[state.technology].slice(2);
  return names.filter((operator) => (share({ ...state, operator }, one.code)?.share ?? 1) < WEAK_BELOW);
}

function columns() {
  const name = { title: t("commune"), key: (one) => one.name, cell: nameButton };
  const technologies = Object.keys(config.operators).sort();
  return [
    name,
    ...technologies.map(shareColumn),
    { title: t("people_column"), number: true, key: (one) => one.population ?? -1, cell: (one) => number(one.population) },
    { title: t("gaps_column", state), number: true, key: (one) => gapCounts.get(one.code) ?? 0, cell: (one) => number(gapCounts.get(one.code) ?? 0) },
    ...(named() ? [{ title: t("weak_column", state), key: (one) => weak(one).length, cell: (one) => weak(one).join(", ") || t("none") }] : []),
  ];
}

function nameButton(one) {
  return h("button", { type: "button", class: "link", onclick: () => onPick(one.code) }, fullName(one));
}

async function countGaps() {
  const gaps = await loadGaps(state.technology);
  gapCounts = new Map();
  for (const feature of gaps.features) {
    for (const code of feature.properties.commune_codes.split(" ")) gapCounts.set(code, (gapCounts.get(code) ?? 0) + 1);
  }
}

/** Draw the table for the view. */
export async function drawTable() {
  await countGaps();
  const { technology, operator, profile } = state;
  document.getElementById("csv").href = address("/communes.csv", { technology, operator, profile });
  draw();
}

function draw() {
  const all = columns();
  const sorted = [...communes].sort(compare(all[order.column]));
  const head = h("tr", {}, all.map(heading));
  const rows = sorted.map((one) => h("tr", { class: one.code === state.commune ? "current" : null }, all.map((column, place) =>
    h(place ? "td" : "th", { class: column.number ? "number" : null, scope: place ? null : "row" }, column.cell(one)))));
  fill(document.getElementById("rows"), h("thead", {}, head), h("tbody", {}, rows));
}

function compare(column) {
  const sign = order.down ? -1 : 1;
  return (a, b) => {
    const [left, right] = [column.key(a), column.key(b)];
    return sign * (typeof left === "string" ? left.localeCompare(right, "vi") : left - right);
  };
}

function heading(column, place) {
  const current = place === order.column;
  const arrow = current ? (order.down ? " ▼" : " ▲") : "";
  const sorted = current ? (order.down ? "descending" : "ascending") : null;
  return h("th", { scope: "col", class: column.number ? "number" : null, "aria-sort": sorted },
    h("button", { type: "button", "data-column": place, onclick: () => sortBy(place) }, column.title + arrow));
}

function sortBy(place) {
  order = { column: place, down: order.column === place && !order.down };
  draw();
  document.querySelector(`#rows [data-column="${place}"]`).focus();
}
