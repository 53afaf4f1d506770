// Whole files of a result: made by the server at the first wish, which takes a while, then listed with checksums.

import { config, fill, h, number, t } from "../base.js";

const MEGABYTE = 2 ** 20;
const LONGEST_WAIT_S = 30;
const TRIES = 60;

/** Offer to prepare the files; the list takes the place of the offer. */
export function startFiles() {
  const box = document.querySelector("[data-files]");
  const button = h("button", { type: "button", class: "primary" }, t("files_prepare"));
  const said = h("p", { class: "muted", role: "status" }, t("files_waiting"));
  button.addEventListener("click", () => prepare(box, said, button));
  fill(box, said, button);
}

async function prepare(box, said, button) {
  button.disabled = true;
  fill(said, t("files_preparing"), " ", h("progress", { "aria-label": t("files_preparing") }));
  try {
    fill(box, table(await listing(box.dataset.files), box.dataset.files));
    box.querySelector(".table-scroll").focus();
  } catch (error) {
    fill(said, t("files_failed", { reason: error.message }));
    button.disabled = false;
  }
}

/** The list of files; a server that is busy making them is asked again. */
export async function listing(address, tries = TRIES) {
  const response = await fetch(address, { headers: { "Accept-Language": config.language } });
  if (response.ok && response.status === 200) return response.json();
  const wait = Number.parseInt(response.headers.get("Retry-After"), 10);
  if ([202, 503].includes(response.status) && tries > 1) {
    await new Promise((done) => window.setTimeout(done, 1000 * Math.min(wait || 2, LONGEST_WAIT_S)));
    return listing(address, tries - 1);
  }
  const problem = await response.json().catch(() => ({}));
  throw new Error(problem.detail ?? String(response.status));
}

function table(told, address) {
  const heads = ["file", "holds", "size", "rows_head", "checksum"].map((key) =>
    h("th", { scope: "col", class: ["size", "rows_head"].includes(key) ? "number" : null }, t(key)));
  const rows = told.files.map((file) => row(file, address));
  return h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-labelledby": "h-files" },
    h("table", { class: "rows" }, h("caption", { class: "visually-hidden" }, t("files_ready")),
      h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows)));
}

function row(file, address) {
  const rows = Object.values(file.rows).reduce((sum, count) => sum + count, 0);
  return h("tr", {},
    h("th", { scope: "row" }, h("a", { href: address + encodeURIComponent(file.name), download: file.name }, file.name)),
    h("td", {}, file[`holds_${config.language}`]),
    h("td", { class: "number" }, size(file.bytes)),
    h("td", { class: "number" }, rows ? number(rows) : t("none")),
    h("td", {}, h("span", { class: "sum256" }, file.sha256)));
}

function size(bytes) {
  return bytes < MEGABYTE ? `${number(bytes / 1024)} KB` : `${number(bytes / MEGABYTE, 1)} MB`;
}
