// One sheet of paper: the map as it is seen, with title, legend, scale, date, source and marks.

import { config, fill, h } from "../base.js";
import { map } from "../sides.js";
import { note, state } from "../state.js";
import { captions } from "./captions.js";
import { cutAt, cutTo } from "./swipe.js";

const SIZES = { A4: [210, 297], A3: [297, 420] };
const MARGIN_MM = 10;
const TITLE_MM = 17;
const FOOT_MM = 19;
const GAP_PX = 24;
const WAIT_MS = 8000;
const style = document.createElement("style");
let before = null;

/** Lay the page out as a sheet, print it, and lay it out as before. */
export async function printSheet(paper) {
  await layOut(paper);
  window.addEventListener("afterprint", layBack, { once: true });
  window.print();
}

/** Lay the page out as a sheet of "A4-landscape" and the like; the map keeps its middle and shows as much. */
export async function layOut(paper) {
  const [size, way] = paper.split("-");
  const [short, long] = SIZES[size].map((mm) => mm - 2 * MARGIN_MM);
  const [width, height] = way === "landscape" ? [long, short] : [short, long];
  const seen = map.getBounds();
  const cut = cutAt();
  before = { middle: map.getCenter(), zoom: map.getZoom(), split: state.split, legend: document.getElementById("legend").open };
  style.textContent = `@page { size: ${size} ${way}; margin: ${MARGIN_MM}mm; }
    body.sheet { width: ${width}mm; } body.sheet .map-side { width: ${width}mm; height: ${height - 1}mm; }
    body.sheet .map-frame { height: ${height - 1 - TITLE_MM - FOOT_MM}mm; }`;
  document.head.append(style);
  fill(document.getElementById("sheet-title"), ...title());
  fill(document.getElementById("sheet-foot"), ...foot());
  document.body.classList.add("sheet", way);
  document.getElementById("legend").open = true;
  map.invalidateSize({ animate: false });
  fit(seen, way);
  cutTo(cut);
  await drawn();
}

/** The whole province fills the paper beside the legend; a part of it is printed as it is seen. */
function fit(seen, way) {
  const province = L.latLngBounds(config.bounds);
  if (!seen.contains(province)) return map.fitBounds(seen, { animate: false });
  const { offsetWidth: wide, offsetHeight: high } = document.getElementById("legend");
  const room = way === "landscape" ? { paddingTopLeft: [wide + GAP_PX, GAP_PX], paddingBottomRight: [GAP_PX, GAP_PX] }
    : { paddingTopLeft: [GAP_PX, GAP_PX], paddingBottomRight: [GAP_PX, high + 2 * GAP_PX] };
  return map.fitBounds(province, { ...room, animate: false });
}

/** Lay the page out for the screen again. */
export function layBack() {
  document.body.classList.remove("sheet", "landscape", "portrait");
  style.remove();
  note({ split: before.split });
  map.invalidateSize({ animate: false });
  map.setView(before.middle, before.zoom, { animate: false });
  document.getElementById("legend").open = before.legend;
}

function title() {
  const said = captions();
  return [h("h2", {}, said.title), h("p", {}, said.view)];
}

function foot() {
  const said = captions();
  return [h("p", {}, said.made), h("p", {}, said.source), said.note ? h("p", {}, said.note) : null].filter(Boolean);
}

/** Wait until every tile in sight has come, though not for ever. */
async function drawn() {
  const until = performance.now() + WAIT_MS;
  const waiting = () => [...document.querySelectorAll("img.leaflet-tile")].some((one) => !one.classList.contains("leaflet-tile-loaded"));
  do await new Promise((resolve) => { setTimeout(resolve, 120); });
  while (waiting() && performance.now() < until);
}
