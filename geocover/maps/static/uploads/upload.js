// The page of one list: its check while it runs, then what was found, then what becomes of it.

import { config, fill, h, t } from "../base.js";
import { drawChanges } from "./changes.js";
import { drawColumns } from "./columns.js";
import { drawDecision } from "./decisions.js";
import { drawFindings } from "./findings.js";
import { ask, attempt, page } from "./http.js";
import { drawMap } from "./map.js";
import { follow } from "./progress.js";
import { drawSummary } from "./summary.js";
import { listAddress, may } from "./words.js";

const FIRST = 100; // findings about the whole file come first
const GOING_ON = ["queued", "running"];
const AGAIN_MS = 2000;
const RESULT = ["decision", "findings", "columns", "changes", "place"];

function fromAddress() {
  return new URLSearchParams(window.location.hash.slice(1)).get("job") || null;
}

async function load() {
  return ask(listAddress(config.list));
}

function hideResult() {
  for (const name of RESULT) document.getElementById(name).hidden = true;
}

/** Watch the check to its end, then show what it found. */
async function watchCheck(job) {
  hideResult();
  const ended = await follow(job, { title: t("checking"), failed: "check_failed" });
  history.replaceState(null, "", window.location.pathname + window.location.search);
  if (ended.state === "done") await show(await load());
  else drawSummary(await load(), null);
}

async function checkAgain(mapping) {
  const answer = await attempt(() => ask(listAddress(config.list, "/check"), "POST", { mapping }));
  if (!answer) return;
  window.scrollTo({ top: 0 });
  await attempt(() => watchCheck(answer.job));
}

/** After a decision: the new state, and the computation that it started. */
async function decided(answer, part) {
  const list = await load();
  await show(list);
  document.getElementById("decision").scrollIntoView({ block: "nearest" });
  if (part !== "/accept") return;
  if (answer.job) await watchComputing(answer.job);
  else after(t("not_computed"));
}

async function watchComputing(job) {
  const ended = await follow(job, { title: t("computing"), failed: "compute_failed" }, may("jobs:cancel"));
  if (ended.state === "done") after(t("computed"), h("a", { href: page("/maps/coverage") }, t("see_map")));
}

/** The computation of a list that is in force: while it runs, and how it ended, also for who comes later. */
async function showComputing({ state, computation }) {
  if (state !== "accepted" || !computation) return;
  await attempt(() => watchComputing(computation));
}

function after(...words) {
  document.getElementById("decision").append(h("p", {}, words.flatMap((one) => [one, " "])));
}

async function show(list) {
  const checked = list.rows_read !== null;
  const report = checked ? await ask(listAddress(list.id, `/report?limit=${FIRST}`)) : null;
  drawSummary(list, report);
  if (!checked) return;
  list.several = report.tables.length > 1;
  drawDecision(list, decided);
  drawFindings(list, report);
  drawColumns(report, list.may.check ? checkAgain : null);
  await Promise.all([drawMap(list, report), drawChanges(list)]);
}

/** The job that checks the list, where one has not ended; a draft waits until there is one. */
async function runningCheck(list) {
  const id = fromAddress() ?? list.job;
  if (list.state === "draft") return id;
  if (list.state !== "checked" || !id) return null;
  const job = await ask(`/jobs/${encodeURIComponent(id)}`).catch(() => null);
  return job && GOING_ON.includes(job.state) ? id : null;
}

/** A draft whose check nobody has asked for yet: the server will. */
async function jobOfDraft() {
  for (;;) {
    const list = await load();
    if (list.state !== "draft" || list.job) return list;
    drawSummary(list, null);
    await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  }
}

async function start() {
  await attempt(async () => {
    const list = await (fromAddress() ? load() : jobOfDraft());
    drawSummary(list, null);
    const job = await runningCheck(list);
    await (job ? watchCheck(job) : show(list));
    showComputing(list);
  });
  if (document.getElementById("summary").querySelector("h1") === null) fill(document.getElementById("summary"));
  document.documentElement.dataset.ready = "true";
}

start();
