// The map beside the findings: rows of the list by what became of them, or what changed since the last list.

import { config, fetchJson, fill, h, number, t } from "../base.js";
import { Dots } from "./dots.js";
import { ask, attempt } from "./http.js";
import { listAddress } from "./words.js";

const ROWS = ["accepted", "rejected"];
const ROW_STYLES = [{ colour: "#20548f", radius: 4 }, { colour: "#b2182b", radius: 5, square: true }];
const CHANGES = ["changed", "added", "moved", "removed"];
const CHANGE_STYLES = [{ colour: "#6a3d9a", radius: 4 }, { colour: "#1a6b3c", radius: 5 }, { colour: "#8a5300", radius: 5 }, { colour: "#b2182b", radius: 5, square: true }];
const CLOSE = 15;
const place = document.getElementById("place");
const head = document.getElementById("map-head");
let map = null;
let rows = null;
let changes = null;
let moves = null;
let outline = null;
let index = null;
let without = 0;

function key(sheet, row) {
  return `${sheet ?? ""}\n${row}`;
}

/** The point of a row of the owner's file; the index is made when it is first asked for. */
function pointAt(sheet, row) {
  index ??= new Map((rows?.points ?? []).map((one) => [key(one.sheet, one.row), one]));
  return index.get(key(sheet, row));
}

/** Whether a row of the owner's file is on the map. */
export function hasPoint(sheet, row) {
  return pointAt(sheet, row) !== undefined;
}

/** Bring a row into sight and say what it is. */
export function showPoint(sheet, row) {
  const point = pointAt(sheet, row);
  showRows();
  map.setView([point.lat, point.lon], Math.max(map.getZoom(), CLOSE), { animate: false });
  rowPopup(point, 0);
  place.scrollIntoView({ block: "nearest" });
}

/** Fetch and draw the points of a list that was checked. */
export async function drawMap(list, report) {
  place.hidden = false;
  start();
  changes.setPoints([]);
  const [answer] = await Promise.all([attempt(() => ask(listAddress(list.id, "/points"))), drawOutlines()]);
  const points = (answer?.features ?? []).map(pointOf);
  index = null;
  without = report.rows.read - points.length;
  rows.setPoints(points);
  showRows();
  frame(points);
  place.dataset.points = points.length;
}

function pointOf({ geometry, properties }) {
  const [lon, lat] = geometry.coordinates;
  return { lon, lat, style: ROWS.indexOf(properties.status), sheet: properties.sheet, row: properties.row, name: properties.name };
}

function start() {
  if (map) return;
  map = L.map("map", { zoomControl: false, minZoom: 4, maxZoom: 18, zoomSnap: 0.25, attributionControl: false, worldCopyJump: false });
  L.control.zoom({ position: "bottomright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  map.setView([21.2, 105.2], 9);
  rows = new Dots(ROW_STYLES, rowPopup);
  changes = new Dots(CHANGE_STYLES, changePopup);
  moves = L.layerGroup();
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(document.getElementById("map"));
}

/** The communes as thin lines, where the server has their shapes. */
async function drawOutlines() {
  if (!config.outlines || outline) return;
  const communes = await fetchJson("/communes?detail=map").catch(() => null);
  if (!communes) return;
  const style = { color: "#868e97", weight: 0.8, fillColor: "#ffffff", fillOpacity: 0.6, interactive: false };
  outline = L.geoJSON(communes, { style, renderer: L.canvas() }).addTo(map);
  outline.bringToBack();
}

/** Show the communes where most points lie among them, else the points without the few that lie far away. */
function frame(points) {
  map.invalidateSize({ animate: false });
  const bounds = outline?.getBounds();
  const inside = bounds ? within(points, bounds) : 0;
  if (bounds && 2 * inside >= points.length) return map.fitBounds(bounds, { animate: false });
  return points.length ? map.fitBounds(spread(points), { padding: [24, 24], maxZoom: CLOSE, animate: false }) : null;
}

/** How many points lie within bounds; Leaflet's own way makes three objects for each. */
function within(points, bounds) {
  const [west, east, south, north] = [bounds.getWest(), bounds.getEast(), bounds.getSouth(), bounds.getNorth()];
  return points.filter(({ lon, lat }) => lon >= west && lon <= east && lat >= south && lat <= north).length;
}

/** Where nine tenths of the points lie. */
function spread(points) {
  const [west, east] = span(points.map((one) => one.lon));
  const [south, north] = span(points.map((one) => one.lat));
  return [[south, west], [north, east]];
}

function span(values) {
  const sorted = Float64Array.from(values).sort();
  const cut = sorted.length > 20 ? Math.floor(0.05 * sorted.length) : 0;
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}

function showRows() {
  for (const layer of [changes, moves]) layer.remove();
  rows.addTo(map);
  const counts = ROWS.map((_, style) => rows.points.filter((one) => one.style === style).length);
  drawHead("rows", ROWS.map((name, style) => entry(rows, style, ROW_STYLES[style], t(`points_${name}`), counts[style])), rowNote());
}

function rowNote() {
  if (!rows.points.length) return t("points_none");
  return without > 0 ? t("points_without", { count: number(without) }) : null;
}

/** Give the map the differences, {kind, lon, lat, from, text}. */
export function setChanges(list) {
  start();
  changes.setPoints(list.map((one) => ({ ...one, style: CHANGES.indexOf(one.kind) })));
  const lines = list.filter((one) => one.from).map((one) => [one.from, [one.lat, one.lon]]);
  moves = L.layerGroup([L.polyline(lines, { color: "#8a5300", weight: 2, interactive: false, renderer: L.canvas() })]);
  drawSwitch();
  frame(rows.points);
}

/** Draw the differences instead of the rows. */
export function showChanges() {
  rows.remove();
  moves.addTo(map);
  changes.addTo(map);
  const counts = CHANGES.map((_, style) => changes.points.filter((one) => one.style === style).length);
  drawHead("changes", CHANGES.map((name, style) => entry(changes, style, CHANGE_STYLES[style], t(`diff_${name}`), counts[style])), null);
  frame(changes.points);
}

/** Bring one difference into sight. */
export function showChange(change) {
  showChanges();
  map.setView([change.lat, change.lon], Math.max(map.getZoom(), CLOSE), { animate: false });
  changePopup(change, 0);
  place.scrollIntoView({ block: "nearest" });
}

function entry(layer, style, { colour, square }, text, count) {
  const swatch = h("span", { class: square ? "dot square" : "dot", "aria-hidden": "true" });
  swatch.style.backgroundColor = colour;
  const box = h("input", { type: "checkbox", checked: layer.shown[style], onchange: (event) => layer.show(style, event.target.checked) });
  return h("label", { class: "check" }, box, swatch, ` ${text} `, h("strong", {}, number(count)));
}

function drawHead(shown, entries, note) {
  head.dataset.shown = shown;
  fill(head, h("div", { class: "map-switch" }), h("div", { class: "entries" }, entries), note ? h("p", { class: "muted" }, note) : null);
  drawSwitch();
}

/** Rows or changes, once there are changes to be shown. */
function drawSwitch() {
  const box = head.querySelector(".map-switch");
  if (!box || !changes.points.length) return;
  const buttons = [["rows", showRows], ["changes", showChanges]].map(([name, show]) =>
    h("button", { type: "button", "aria-pressed": String(head.dataset.shown === name), onclick: () => press(name, show) }, t(`map_${name}`)));
  fill(box, h("div", { class: "switch", role: "group", "aria-label": t("map_shows") }, buttons));
}

function press(name, show) {
  show();
  head.querySelector('.map-switch [aria-pressed="true"]')?.focus();
}

function popup(point, ...lines) {
  const shown = L.popup({ maxWidth: 300 }).setLatLng([point.lat, point.lon]).setContent(h("div", { class: "popup" }, lines)).openOn(map);
  shown.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", t("close"));
}

function rowPopup(point, others) {
  const row = t("point_row", { row: point.row });
  const where = point.sheet ? `${t("sheet", { sheet: point.sheet })}, ${row.toLowerCase()}` : row;
  popup(point, h("strong", {}, point.name || where), point.name ? h("p", {}, where) : null,
    h("p", {}, t(`points_${ROWS[point.style]}`)), otherText(others));
}

function otherText(others) {
  return others > 0 ? h("p", { class: "muted" }, t("point_many", { count: number(others) })) : null;
}

function changePopup(change, others) {
  popup(change, h("strong", {}, t(`diff_${change.kind}`)), h("p", {}, change.title), change.detail ? h("p", {}, change.detail) : null, otherText(others));
}
