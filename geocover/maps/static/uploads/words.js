// Words that more than one part of the pages for site lists says.

import { config, date, h, number, t, word } from "../base.js";
import { page } from "./http.js";

const UNITS = [[1024 * 1024, "MB"], [1024, "kB"], [1, "B"]];
const clock = new Intl.DateTimeFormat(config.language === "vi" ? "vi-VN" : "en-GB", {
  day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});

/** 1,4 MB for a number of bytes. */
export function size(bytes) {
  const [unit, name] = UNITS.find(([least]) => bytes >= least) ?? UNITS.at(-1);
  return `${number(bytes / unit, bytes >= 1024 && bytes < 10 * unit ? 1 : 0)}\u00a0${name}`;
}

/** A moment of the server as the reader's clock shows it. */
export function moment(iso) {
  return clock.format(new Date(iso)).replace(",", "");
}

/** The day of a moment or a date. */
export function day(iso) {
  return date(iso.slice(0, 10));
}

/** What state a list is in; what was submitted waits for the authority. */
export function stateOf(list) {
  return list.state === "checked" && list.submitted_at ? "submitted" : list.state;
}

/** The state as a badge. */
export function badge(list) {
  const state = stateOf(list);
  return h("span", { class: `badge ${state}` }, word(`state_${state}`, state));
}

/** Address of the page of a list. */
export function listPage(id) {
  return page(`/uploads/${encodeURIComponent(id)}`);
}

/** Address of an answer about a list. */
export function listAddress(id, part = "") {
  return `/site-lists/${encodeURIComponent(id)}${part}`;
}

/** Whether the reader may do something; the server asks again. */
export function may(action) {
  return Boolean(config.me?.may?.[action]);
}

/** A table in a box of its own that scrolls sideways. */
export function table(label, heads, rows) {
  const row = h("tr", {}, heads.map((one) => h("th", { scope: "col", class: one.number ? "number" : null }, one.title ?? one)));
  return h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": label },
    h("table", { class: "rows" }, h("thead", {}, row), h("tbody", {}, rows)));
}

/** A sign for a severity, for those who do not see its colour. */
export function sign(severity) {
  const signs = { error: "✗", warning: "!", fixed: "✓" };
  return h("span", { class: `severity ${severity}` }, h("span", { "aria-hidden": "true" }, signs[severity]),
    h("span", { class: "visually-hidden" }, t(`one_${severity}`)));
}
