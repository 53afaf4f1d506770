// Search for a commune by name or code: tone marks may be left out, arrows and Enter work.

import { fill, fold, h, t } from "./base.js";

const MOST = 8;
const input = document.getElementById("search");
const list = document.getElementById("search-list");
let communes = [];
let found = [];
let active = -1;
let pick = () => {};

/** Make the box find these communes ({code, name}); `onPick` gets the code. */
export function startSearch(all, onPick) {
  communes = all.map((one) => ({ ...one, key: `${fold(one.name)} ${one.code}`, joined: fold(one.name).replaceAll(" ", "") }));
  pick = onPick;
  input.addEventListener("input", look);
  input.addEventListener("keydown", press);
  input.addEventListener("focus", look);
  input.addEventListener("blur", close);
}

function look() {
  const wanted = fold(input.value);
  if (!wanted) return close();
  const starts = (one) => (one.key.split(" ").slice(1).join(" ").startsWith(wanted) ? 0 : 1);
  const matches = communes.filter((one) => one.key.includes(wanted) || one.joined.includes(wanted));
  found = matches.sort((a, b) => starts(a) - starts(b)).slice(0, MOST);
  show(found.length ? 0 : -1);
}

function show(index) {
  active = index;
  const items = found.map((one, place) =>
    h(
      "li",
      { role: "option", id: `found-${place}`, "aria-selected": String(place === active), onmousedown: () => take(place) },
      h("span", {}, one.name),
      h("span", { class: "muted" }, one.code),
    ),
  );
  fill(list, items.length ? items : h("li", { class: "muted", role: "option", "aria-disabled": "true" }, t("search_none")));
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  if (active >= 0) input.setAttribute("aria-activedescendant", `found-${active}`);
  else input.removeAttribute("aria-activedescendant");
}

function press(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length && !list.hidden) show((active + step + found.length) % found.length);
  else if (event.key === "Enter" && active >= 0) take(active);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
}

function take(place) {
  const chosen = found[place];
  input.value = chosen.name;
  close();
  pick(chosen.code);
}

function close() {
  list.hidden = true;
  found = [];
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}
