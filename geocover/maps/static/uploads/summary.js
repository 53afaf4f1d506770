// What became of a list, in large figures, and what can be downloaded.

import { fill, h, number, t } from "../base.js";
import { ask, attempt, headers, Problem, problemOf } from "./http.js";
import { badge, day, listAddress, moment, size } from "./words.js";

const MOST = 1000; // findings in one answer
const SLOW_MS = 300;
const LONGEST_MS = 300_000;
const KEPT_MS = 60_000;
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
  const href = listAddress(list.id, "/report.xlsx");
  return h("p", { class: "downloads" },
    h("a", { href, download: "", class: "button", onclick: (event) => saveWorkbook(event, href, `${list.name}.xlsx`) }, t("report_xlsx")),
    h("button", { type: "button", class: "link", onclick: () => attempt(() => saveReport(list)) }, t("report_json")),
    h("a", { href: listAddress(list.id, "/file"), download: "" }, t("original")));
}

/** Save the marked workbook as soon as the server has written it, and say so while it is being written. */
async function saveWorkbook(event, href, name) {
  event.preventDefault();
  const link = event.currentTarget;
  if (link.getAttribute("aria-disabled")) return;
  link.setAttribute("aria-disabled", "true");
  const wait = h("span", { class: "muted", role: "status" });
  const slow = setTimeout(() => fill(wait, t("report_writing")), SLOW_MS);
  link.after(wait);
  await attempt(async () => {
    const response = await written(href);
    save(await response.blob(), nameIn(response.headers.get("Content-Disposition")) ?? name);
  });
  clearTimeout(slow);
  wait.remove();
  link.removeAttribute("aria-disabled");
}

/** The answer with a file; asks again for as long as the server is writing it. Raises a Problem. */
async function written(url) {
  const end = Date.now() + LONGEST_MS;
  for (;;) {
    const response = await fetch(url, { headers: headers() }).catch(() => null);
    if (!response) throw new Problem(0, t("offline"));
    if (response.ok) return response;
    const seconds = response.headers.get("Retry-After");
    if (response.status !== 503 || !seconds || Date.now() > end) {
      throw problemOf(response.status, await response.json().catch(() => null), seconds);
    }
    await new Promise((wake) => setTimeout(wake, seconds * 1000));
  }
}

/** The name that an answer gives its file (RFC 6266). */
function nameIn(disposition) {
  const name = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "")?.[1];
  return name && decodeURIComponent(name);
}

function save(blob, name) {
  const href = URL.createObjectURL(blob);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}

/** Save the report with all of its findings, which the server gives in pages. */
async function saveReport(list) {
  const part = (offset) => ask(listAddress(list.id, `/report?limit=${MOST}&offset=${offset}`));
  const { matching, offset: _, ...report } = await part(0);
  while (report.findings.length < matching) report.findings = report.findings.concat((await part(report.findings.length)).findings);
  save(new Blob([JSON.stringify(report, null, 1)], { type: "application/json" }), `${list.name}.json`);
}
