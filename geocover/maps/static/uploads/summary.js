// What became of a list, in large figures, and what can be downloaded.

import { fill, h, number, t } from "../base.js";
import { ask, attempt } from "./http.js";
import { badge, day, listAddress, moment, size } from "./words.js";

const MOST = 1000; // findings in one answer
const place = document.getElementById("summary");

/** Draw the list's name, state and, where it was checked, its figures. */
export function drawSummary(list, report) {
  document.title = `${list.name} – geocover`;
  const facts = [list.operator, t("version_long", { version: number(list.version) }), `${t("as_of").toLowerCase()} ${day(list.as_of)}`,
    size(list.size), `${t("uploaded_at").toLowerCase()} ${moment(list.uploaded_at)}`];
  fill(place,
    h("h1", { class: "list-name" }, list.name), badge(list),
    h("p", { class: "muted" }, facts.join(" · ")),
    list.state === "rejected" ? h("p", { class: "notice" }, t("rejected_because", { date: day(list.rejected_at), reason: list.reason })) : null,
    report ? [figures(report), h("p", { class: "verdict" }, verdict(report)), downloads(list)] : null);
}

function figures(report) {
  const items = ["read", "accepted", "rejected"].map((name) =>
    h("div", { class: `count ${name} ${report.rows[name] ? "some" : "none"}` }, h("dt", {}, t(name)), h("dd", { class: "big" }, number(report.rows[name]))));
  const totals = Object.fromEntries(Object.entries(report.totals).map(([name, count]) => [name, number(count)]));
  return [h("dl", { class: "counts" }, items), h("p", { class: "muted" }, t("totals", totals))];
}

function verdict({ rows, severities }) {
  if (!rows.accepted) return t("verdict_nothing");
  if (rows.rejected) return t("verdict_errors", { count: number(rows.rejected) });
  return severities.warning ? t("verdict_warnings", { count: number(severities.warning) }) : t("verdict_clean");
}

function downloads(list) {
  return h("p", { class: "downloads" },
    h("a", { href: listAddress(list.id, "/report.xlsx"), download: "", class: "button" }, t("report_xlsx")),
    h("button", { type: "button", class: "link", onclick: () => attempt(() => saveReport(list)) }, t("report_json")),
    h("a", { href: listAddress(list.id, "/file"), download: "" }, t("original")));
}

/** Save the report with all of its findings, which the server gives in pages. */
async function saveReport(list) {
  const part = (offset) => ask(listAddress(list.id, `/report?limit=${MOST}&offset=${offset}`));
  const { matching, offset: _, ...report } = await part(0);
  while (report.findings.length < matching) report.findings = report.findings.concat((await part(report.findings.length)).findings);
  const href = URL.createObjectURL(new Blob([JSON.stringify(report, null, 1)], { type: "application/json" }));
  h("a", { href, download: `${list.name}.json` }).click();
  URL.revokeObjectURL(href);
}
