// Buttons that turn the pages of a long table.

import { h, number, t } from "../base.js";

/** Buttons for `total` rows in pages of `size` of which the one from `offset` is shown; `go` gets another offset. */
export function pager(offset, size, total, go) {
  if (total <= size) return null;
  const end = Math.floor((total - 1) / size) * size;
  const ways = [["first", 0], ["previous", Math.max(0, offset - size)], ["next", Math.min(end, offset + size)], ["last", end]];
  const buttons = ways.map(([name, to]) =>
    h("button", { type: "button", class: "plain-button", "data-way": name, disabled: to === offset, onclick: () => go(to, name) }, t(name)));
  const shown = t("page_of", { from: number(offset + 1), to: number(Math.min(total, offset + size)), total: number(total) });
  return h("nav", { class: "pager", "aria-label": t("pages") }, buttons.slice(0, 2), h("span", { role: "status" }, shown), buttons.slice(2));
}

/** After a page was turned: keep the focus on its button, or on another where that one is spent. */
export function refocus(place, way) {
  const buttons = [...place.querySelectorAll(".pager button:not([disabled])")];
  (buttons.find((one) => one.dataset.way === way) ?? buttons[0])?.focus();
}
