// What was found, one group for each kind; the rows of a group are fetched when it is opened, a page at a time.

import { config, fill, fold, h, number, t } from "../base.js";
import { ask, attempt } from "./http.js";
import { hasPoint, showPoint } from "./map.js";
import { pager, refocus } from "./pager.js";
import { listAddress, sign, table } from "./words.js";

const PAGE = 50;
const SEVERITIES = ["error", "warning", "fixed"];
const place = document.getElementById("findings");
let list = null;
let groups = [];
let chosen = "all";
let words = "";

/** Draw the findings of a report, whose groups are {code, severity, count}. */
export function drawFindings(of, report) {
  list = of;
  groups = groupsOf(report);
  chosen = "all";
  words = "";
  place.hidden = false;
  const none = h("p", { class: "muted" }, t("findings_none"));
  fill(place, h("h2", { id: "findings-title" }, t("findings")), groups.length ? [filters(report), h("div", { id: "groups" })] : none);
  if (groups.length) drawGroups();
}

/** Kinds of findings: errors first, in each severity the most frequent first; what was found once says so in full. */
function groupsOf(report) {
  const known = Object.entries(report.codes).map(([code, count]) => {
    const one = count === 1 ? report.findings.find((found) => found.code === code) : null;
    const told = config.codes[code] ?? { severity: "warning", text: code };
    return { code, count, severity: told.severity, text: one ? capital(one[config.language]) : told.text };
  });
  const order = (one) => SEVERITIES.indexOf(one.severity);
  return known.sort((a, b) => order(a) - order(b) || b.count - a.count || a.code.localeCompare(b.code));
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function filters(report) {
  const total = Object.values(report.severities).reduce((sum, count) => sum + count, 0);
  const offered = ["all", ...SEVERITIES].map((one) => [one, one === "all" ? total : report.severities[one] ?? 0]);
  const buttons = offered.map(([one, count]) =>
    h("button", { type: "button", "aria-pressed": String(one === chosen), "data-severity": one, onclick: press }, `${t(`severity_${one}`)} ${number(count)}`));
  return h("div", { class: "filters" },
    h("div", { class: "switch", role: "group", "aria-label": t("severity") }, buttons),
    h("input", { type: "search", "aria-label": t("find_finding"), placeholder: t("find_finding"), oninput: type }));
}

function press(event) {
  chosen = event.currentTarget.dataset.severity;
  for (const one of place.querySelectorAll("[data-severity]")) one.setAttribute("aria-pressed", String(one.dataset.severity === chosen));
  drawGroups();
}

function type(event) {
  words = fold(event.target.value);
  drawGroups();
}

function drawGroups() {
  const shown = groups.filter((one) => (chosen === "all" || one.severity === chosen) && fold(`${one.text} ${one.code}`).includes(words));
  fill(document.getElementById("groups"), shown.length ? shown.map(group) : h("p", { class: "muted" }, t("findings_no_match")));
}

function group(one) {
  const body = h("div", { class: "group-body" });
  const opened = (event) => event.target.open && !body.hasChildNodes() && turn(one, body, 0);
  return h("details", { class: `group ${one.severity}`, ontoggle: opened, "data-code": one.code },
    h("summary", {}, sign(one.severity), h("span", { class: "group-text" }, one.text), h("span", { class: "group-count" }, t("times", { count: number(one.count) }))),
    body);
}

async function turn(one, body, offset, way = null) {
  if (!body.hasChildNodes()) fill(body, h("p", { class: "muted" }, t("loading")));
  const query = new URLSearchParams({ code: one.code, limit: PAGE, offset });
  const report = await attempt(() => ask(listAddress(list.id, `/report?${query}`)));
  if (!report) return fill(body);
  fill(body, table(one.text, [t("row"), t("column"), t("value"), t("remedy")], report.findings.map(row)),
    pager(offset, PAGE, one.count, (to, name) => turn(one, body, to, name)));
  if (way) refocus(body, way);
  return undefined;
}

function row(finding) {
  const column = [finding.letter, finding.column].filter(Boolean).join(" ");
  return h("tr", {},
    h("th", { scope: "row" }, where(finding)),
    h("td", { class: "given-text" }, column || t("none")),
    h("td", { class: "given-text value-text" }, finding.value || t("none")),
    h("td", { class: "remedy" }, finding[config.language]));
}

/** The row's number, with its sheet where there are several; leads to the map where the row is on it. */
function where(finding) {
  if (finding.row === null) return finding.sheet || t("whole_file");
  const text = list.several && finding.sheet ? `${finding.sheet}: ${finding.row}` : String(finding.row);
  if (!hasPoint(finding.sheet, finding.row)) return text;
  const label = t("to_map", { row: finding.row });
  return h("button", { type: "button", class: "link", "aria-label": label, title: label, onclick: () => showPoint(finding.sheet, finding.row) }, text);
}
