// How far a job is: by Server-Sent Events, and by asking again and again where they do not come through.

import { config, fill, h, number, t, word } from "../base.js";
import { ask, attempt } from "./http.js";

const ENDED = ["done", "failed", "cancelled"];
const TRIES = 3;
const EVERY_MS = 1000;
const place = document.getElementById("progress");

/** Follow a job to its end on the page, as what it is called there (title, failed); gives the job as it ended. */
export async function follow(id, called, cancellable = false) {
  const known = await job(id).catch(() => null);
  const ended = ENDED.includes(known?.state) ? known : await watch(id, called, cancellable);
  if (ended.state === "done") place.hidden = true;
  else draw(ended, called, null);
  return ended;
}

function watch(id, called, cancellable) {
  draw({ state: "queued" }, called, null);
  const cancel = cancellable ? () => attempt(() => ask(`/jobs/${encodeURIComponent(id)}/cancel`, "POST", {})) : null;
  const show = (found) => draw(found, called, cancel);
  return listen(id, show).catch(() => poll(id, show));
}

/** The job as it ended, by events; rejects where the stream breaks more than a few times. */
function listen(id, show) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(`/jobs/${encodeURIComponent(id)}/events`);
    let broken = 0;
    const finish = (settle, value) => {
      source.close();
      settle(value);
    };
    source.addEventListener("progress", (event) => {
      broken = 0;
      show(JSON.parse(event.data));
    });
    source.addEventListener("end", () => finish(resolve, job(id)));
    source.addEventListener("error", () => {
      broken += 1;
      if (source.readyState === EventSource.CLOSED || broken > TRIES) finish(reject, new Error("no events"));
    });
  });
}

function job(id) {
  return ask(`/jobs/${encodeURIComponent(id)}`);
}

async function poll(id, show) {
  for (;;) {
    const found = await job(id).catch((error) => {
      if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      return null;
    });
    if (found) show(found);
    if (found && ENDED.includes(found.state)) return found;
    await new Promise((wake) => setTimeout(wake, EVERY_MS));
  }
}

function draw(job, { title, failed }, cancel) {
  const ended = ENDED.includes(job.state);
  const known = job.total > 1;
  const words = said(job, known, failed);
  place.hidden = false;
  if (place.dataset.words === words && place.hasChildNodes()) return; // said once is enough for who listens
  place.dataset.words = words;
  const bar = h("progress", known ? { max: job.total, value: job.done, "aria-label": title } : { "aria-label": title });
  fill(place, h("h2", {}, title), ended ? null : bar, h("p", { class: ended && job.state !== "done" ? "notice" : "muted" }, words),
    ended ? null : h("p", { class: "muted" }, t("slow")),
    cancel && !ended ? h("button", { type: "button", class: "plain-button", onclick: cancel }, t("cancel")) : null);
}

function said(job, known, failed) {
  const message = (config.language === "vi" ? job.message_vi : null) || job.message || t("none");
  if (job.state === "failed") return t(failed, { message });
  if (job.state === "cancelled") return t("job_cancelled", { message });
  if (job.state !== "running" || !job.step) return t(`job_${job.state}`);
  const far = known ? `: ${t("step_of", { done: number(job.done), total: number(job.total) })}` : "";
  return `${word(`step_${job.step}`, job.step)}${far}`;
}
