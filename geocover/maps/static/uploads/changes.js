// What differs from the operator's last accepted list, as a table and on the map.

import { config, fill, h, number, t } from "../base.js";
import { ask } from "./http.js";
import { setChanges, showChange, showChanges } from "./map.js";
import { pager, refocus } from "./pager.js";
import { day, listAddress, table } from "./words.js";

const PAGE = 50;
const SHOWN = ["added", "removed", "moved", "changed"];
const place = document.getElementById("changes");
const names = new Map(config.fields);
let all = [];
let kind = "all";
let offset = 0;

/** Fetch and draw the differences of a list. */
export async function drawChanges(list) {
  place.hidden = false;
  say(t("loading"));
  const { against, counts } = await ask(listAddress(list.id, "/diff?limit=1"));
  if (!against) return say(t("diff_none"));
  if (!Object.values(counts).some(Boolean)) return say(t("diff_same"));
  const answer = await ask(listAddress(list.id, "/diff?format=geojson"));
  all = answer.features.map(changeOf);
  kind = "all";
  offset = 0;
  setChanges(all);
  const told = h("p", { class: "muted" }, t("diff_against", { version: number(against.version), date: day(against.as_of) }));
  fill(place, title(), told, switches(), h("div", { id: "change-rows" }),
    h("p", {}, h("button", { type: "button", class: "plain-button", onclick: onMap }, t("diff_on_map"))));
  return drawRows();
}

function title() {
  return h("h2", { id: "changes-title" }, t("diff"));
}

function say(words) {
  fill(place, title(), h("p", { class: "muted" }, words));
}

function onMap() {
  showChanges();
  document.getElementById("place").scrollIntoView({ block: "nearest" });
}

function changeOf({ geometry, properties }) {
  const line = geometry.type === "LineString";
  const [lon, lat] = line ? geometry.coordinates[1] : geometry.coordinates;
  const from = line ? [...geometry.coordinates[0]].reverse() : null;
  const detail = detailOf(properties);
  const names = [properties.station_id, properties.cell_id].filter(Boolean);
  return { kind: properties.change, lon, lat, from, detail, ...properties, title: `${names.join(" · ")} (${properties.technology})` };
}

function detailOf(one) {
  if (one.change === "moved") return t("diff_distance", { distance: number(one.distance_m) });
  if (one.change !== "changed") return "";
  return t("diff_parameter", { parameter: names.get(one.parameter) ?? one.parameter, old: one.old || t("none"), new: one.new || t("none") });
}

function switches() {
  const counts = SHOWN.map((name) => [name, all.filter((one) => one.kind === name).length]);
  const buttons = [["all", all.length], ...counts].map(([name, count]) =>
    h("button", { type: "button", "aria-pressed": String(name === kind), "data-kind": name, onclick: press }, `${t(`diff_${name}`)} ${number(count)}`));
  return h("div", { class: "switch", role: "group", "aria-label": t("diff_kind") }, buttons);
}

function press(event) {
  kind = event.currentTarget.dataset.kind;
  offset = 0;
  for (const one of place.querySelectorAll("[data-kind]")) one.setAttribute("aria-pressed", String(one.dataset.kind === kind));
  drawRows();
}

function drawRows(way = null) {
  const chosen = all.filter((one) => kind === "all" || one.kind === kind);
  const heads = [t("diff_what"), t("diff_station"), t("diff_cell"), t("diff_technology"), t("diff_detail")];
  const box = document.getElementById("change-rows");
  const turn = (to, name) => {
    offset = to;
    drawRows(name);
  };
  fill(box, table(t("diff"), heads, chosen.slice(offset, offset + PAGE).map(row)), pager(offset, PAGE, chosen.length, turn));
  if (way) refocus(box, way);
}

function row(one) {
  return h("tr", {},
    h("th", { scope: "row" }, h("button", { type: "button", class: `link change ${one.kind}`, onclick: () => showChange(one) }, t(`diff_${one.kind}`))),
    h("td", { class: "given-text" }, one.station_id || t("none")),
    h("td", { class: "given-text" }, one.cell_id || t("none")),
    h("td", {}, one.technology),
    h("td", { class: "given-text" }, one.detail || t("none")));
}
