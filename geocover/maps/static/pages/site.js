// What scripts add to pages that read without them: another date at once, printing, copying, the map.

import { config, t } from "../base.js";

/** Choosing another date goes there. */
function startDate() {
  const date = document.getElementById("date");
  date?.addEventListener("change", () => date.form.submit());
}

/** A filter's address names what is chosen alone. */
function startFilters() {
  for (const form of document.querySelectorAll("form.filter")) {
    form.addEventListener("submit", () => leaveOutEmpty(form));
  }
}

/** Take what is not chosen out of the address. */
function leaveOutEmpty(form) {
  for (const field of form.elements) field.disabled = field.value === "" && field.name !== "";
  window.setTimeout(() => {
    for (const field of form.elements) field.disabled = false;
  });
}

function startPrint() {
  for (const button of document.querySelectorAll("button.print")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

function startCopy() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = t("copied");
  window.setTimeout(() => {
    button.textContent = t("copy");
  }, 2000);
}

/** The current page in sight where the navigation scrolls. */
function showSection() {
  const list = document.querySelector(".sections");
  const current = list?.querySelector("[aria-current]");
  if (current) list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
}

/** A gap's address without the rest of the question: ask for the page of the list that holds it. */
function findGap() {
  const id = decodeURIComponent(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  if (!/^[\w-]+$/.test(id) || document.getElementById(id) || query.get("gap") === id) return;
  if (document.getElementById("gaps")) location.replace(`?${new URLSearchParams({ lang: config.language, gap: id })}#${id}`);
}

startDate();
startFilters();
startPrint();
startCopy();
showSection();
findGap();
if (document.getElementById("map-box")) await (await import("./map.js")).startPageMap();
if (document.querySelector("[data-files]")) (await import("./files.js")).startFiles();
document.documentElement.dataset.ready = "true";
