// Names of the communes on the map: the largest first, none over another, more of them the nearer one comes.

import { h } from "./base.js";
import { loadCommunes } from "./data.js";
import { groups, map, own } from "./sides.js";

export const FONT = '600 12px "Be Vietnam Pro", system-ui, sans-serif';
const LINE = 16;
const ROOM = 3;
// Tried in turn, in pixels up from the middle of the commune.
const STEPS = [0, 15, -15, 28, -28];
const measure = document.createElement("canvas").getContext("2d");
let names = null;
let box = null;
/** The names that are shown: {text, latlng, x, y, width}, from the pane's corner. */
export let labels = [];

/** Place the names for the zoom; asks for the communes once. */
export async function drawNames() {
  if (!map.hasLayer(groups.names)) return clear();
  names ??= prepare(await loadCommunes());
  if (map.hasLayer(groups.names)) place();
}

function clear() {
  labels = [];
  box?.replaceChildren();
}

function prepare(communes) {
  const found = communes.features.map(({ geometry, properties }) => ({ text: properties.name, area: properties.area_km2, at: middle(geometry) }));
  return found.sort((a, b) => b.area - a.area);
}

/** Centre of mass of the largest ring of a shape. */
function middle({ type, coordinates }) {
  const rings = (type === "Polygon" ? [coordinates] : coordinates).map((polygon) => polygon[0]);
  const masses = rings.map(mass);
  const [lon, lat] = masses.reduce((best, one) => (one[2] > best[2] ? one : best));
  return L.latLng(lat, lon);
}

function mass(ring) {
  const [x0, y0] = ring[0];
  let [x, y, area] = [0, 0, 0];
  for (let k = 1; k < ring.length; k += 1) {
    const [ax, ay, bx, by] = [ring[k - 1][0] - x0, ring[k - 1][1] - y0, ring[k][0] - x0, ring[k][1] - y0];
    const cross = ax * by - bx * ay;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
    area += cross;
  }
  return area ? [x0 + x / (3 * area), y0 + y / (3 * area), Math.abs(area)] : [x0, y0, 0];
}

function place() {
  const seen = map.getPixelBounds().pad(0.25);
  const origin = map.getPixelOrigin();
  const taken = marks(origin);
  measure.font = FONT;
  labels = [];
  for (const { text, at } of names) {
    const middlePoint = map.project(at);
    if (!seen.contains(middlePoint)) continue;
    const found = fit(text, middlePoint.subtract(origin), taken);
    if (found) labels.push({ ...found, text, at });
  }
  draw();
}

/** Room that the signs of places take. */
function marks(origin) {
  const found = [];
  for (const name of ["centres", "parks"]) {
    if (!map.hasLayer(groups[name])) continue;
    groups[name].eachLayer((marker) => {
      const at = map.project(marker.getLatLng()).subtract(origin);
      found.push([at.x - 9, at.y - 9, at.x + 9, at.y + 9]);
    });
  }
  return found;
}

function fit(text, at, taken) {
  const width = Math.ceil(measure.measureText(text).width);
  for (const up of STEPS) {
    const y = at.y - up;
    const wanted = [at.x - width / 2 - ROOM, y - LINE / 2, at.x + width / 2 + ROOM, y + LINE / 2];
    if (taken.some((one) => crosses(one, wanted))) continue;
    taken.push(wanted);
    return { x: at.x, y, width };
  }
  return null;
}

function crosses(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

function draw() {
  box ??= map.getPane("names").appendChild(h("div", { class: "commune-names leaflet-zoom-hide", "aria-hidden": "true" }));
  box.replaceChildren(...labels.map(({ text, x, y, width }) => {
    const name = h("span", {}, text);
    name.style.transform = `translate(${Math.round(x - width / 2)}px, ${Math.round(y - LINE / 2)}px)`;
    return name;
  }));
}

/** Place the names anew whenever the map stands elsewhere or other signs are on it. */
export function startNames() {
  map.on("moveend viewreset", drawNames);
  own.groups.names.on("add remove", drawNames);
}
