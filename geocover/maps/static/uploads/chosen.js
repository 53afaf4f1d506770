// The file that is to be sent: chosen by button, keyboard or drop, and looked at before it is sent.

import { config, fill, h, t } from "../base.js";
import { calm, complain, Problem } from "./http.js";
import { size } from "./words.js";

const input = document.getElementById("file");
const zone = document.getElementById("drop");
let file = null;
let onChange = () => {};

/** Call back whenever another file is chosen. */
export function startChoosing(changed) {
  onChange = changed;
  const limit = config.max_bytes;
  document.getElementById("formats").textContent = limit ? t("formats", { size: size(limit) }) : t("formats_any");
  input.addEventListener("change", () => input.files.length && take(input.files));
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, over);
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", dropped);
  // A file that misses the zone must not replace the page.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
}

function over(event) {
  event.preventDefault();
  zone.classList.add("over");
}

function dropped(event) {
  event.preventDefault();
  if (event.dataTransfer.files.length) take(event.dataTransfer.files);
}

function take(files) {
  calm();
  [file] = files;
  fill(document.getElementById("chosen"), h("strong", {}, file.name), ` ${size(file.size)}`);
  document.getElementById("file-words").textContent = t("choose_other");
  zone.classList.add("full");
  if (files.length > 1) complain(new Problem(0, t("one_file", { name: file.name })));
  onChange();
}

/** The file; raises a Problem where there is none that can be sent. */
export function chosenFile() {
  if (!file) throw new Problem(0, t("file_missing"));
  if (!file.size) throw new Problem(0, t("file_empty", { name: file.name }));
  if (config.max_bytes && file.size > config.max_bytes) {
    throw new Problem(0, t("file_large", { name: file.name, size: size(file.size), limit: size(config.max_bytes) }));
  }
  return file;
}
