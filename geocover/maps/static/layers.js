// The map's layers, each filled when it is needed, for one side of the map or both.

import { address, config, date, fetchJson, h, number, t } from "./base.js";
import { drawCommunes, styleCommunes, takeClicked } from "./communes.js";
import { drawGaps } from "./gaps.js";
import { drawNames, startNames } from "./labels.js";
import { drawPlaces } from "./places.js";
import { drawGround, drawPopulation, drawRaster } from "./rasters.js";
import { already, followShown, groups, map, sides, startSides } from "./sides.js";
import { choose, note, state } from "./state.js";

export { fullName, styleCommunes, zoomToCommune } from "./communes.js";
export { gapText } from "./gaps.js";
export { capital, placeSign, verdictText } from "./places.js";

const NO_LAYER = "none";
const WIDE = 900;
const FAR_BELOW = 10;
const SIDED = { communes: drawCommunes, gaps: drawGaps, parks: drawPlaces, centres: drawPlaces, raster: drawRaster, stations: drawStations };

/** Draw the empty map: panes, scale, position and layers of the address. */
export function startMap() {
  startSides();
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  map.attributionControl.setPrefix(false);
  place();
  restoreLayers();
  startNames();
  map.on("moveend", notePosition);
  map.on("zoomend", onZoom);
  markFar();
  map.on("click", ({ latlng }) => spot(latlng, takeClicked()));
  map.on("spot", ({ latlng, code }) => spot(latlng, code));
  map.on("overlayadd overlayremove", () => {
    note({ layers: shownLayers() });
    styleCommunes();
  });
}

/** Choose a spot of the map, and the commune that it lies in where there is one. */
export function spot({ lat, lng }, code) {
  const commune = code ? { commune: code } : {};
  if (config.view) return code && choose(commune);
  return choose({ ...commune, point: `${lat.toFixed(5)}/${lng.toFixed(5)}` });
}

function onZoom() {
  markFar();
  styleCommunes();
  drawGround();
}

/** Smaller marks where the whole province is in sight. */
function markFar() {
  map.getContainer().classList.toggle("far", map.getZoom() < FAR_BELOW);
}

/** Go where the address says, or show the whole province. */
export function place() {
  const [zoom, lat, lng] = state.at.split("/").map(Number);
  if (state.at && [zoom, lat, lng].every(Number.isFinite)) map.setView([lat, lng], zoom, { animate: false });
  else map.fitBounds(config.bounds, { ...room(), animate: false });
}

/** Room for the legend and the controls where there is plenty. */
function room() {
  const wide = map.getSize().x > WIDE;
  return wide ? { paddingTopLeft: [220, 12], paddingBottomRight: [190, 12] } : { padding: [12, 12] };
}

function notePosition() {
  const { lat, lng } = map.getCenter();
  note({ at: `${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}` });
}

function shownLayers() {
  return Object.keys(groups).filter((name) => map.hasLayer(groups[name])).join(",") || NO_LAYER;
}

/** Show the layers that the address names. */
export function restoreLayers() {
  if (!state.layers) return;
  const wanted = state.layers.split(",");
  for (const [name, group] of Object.entries(groups)) {
    if (wanted.includes(name) !== map.hasLayer(group)) map[wanted.includes(name) ? "addLayer" : "removeLayer"](group);
  }
}

/** Bring every shown layer to the view; the others wait until they are switched on. */
export async function refresh() {
  followShown();
  const jobs = new Set();
  for (const side of sides()) {
    const shown = Object.keys(SIDED).filter((name) => groups[name] && map.hasLayer(groups[name]));
    for (const job of new Set(shown.map((name) => SIDED[name]))) jobs.add(job(side));
  }
  if (map.hasLayer(groups.population)) drawPopulation();
  drawGround();
  await Promise.all(jobs);
  await drawNames();
}

/** Bring a position into sight. */
export function zoomToPoint(lat, lon) {
  map.setView([lat, lon], Math.max(map.getZoom(), 12));
}

/** Draw the stations of a side, gathered where they are many. */
async function drawStations(side) {
  const keyOf = ({ technology, operator, snapshot }) => [technology, operator, snapshot].join("|");
  const view = side.view();
  const stations = await fetchJson(address("/stations", { technology: view.technology }, view.snapshot));
  if (keyOf(view) !== keyOf(side.view()) || already(side, "stations", keyOf(view))) return;
  const chosen = stations.features.filter((one) => ["any", "all", one.properties.operator].includes(view.operator));
  side.groups.stations.clearLayers();
  side.groups.stations.addLayers(chosen.map((one) => stationMarker(side, one)));
}

function stationMarker(side, feature) {
  const [lon, lat] = feature.geometry.coordinates;
  const marker = L.circleMarker([lat, lon], { pane: side.panes.stations, radius: 5, color: "#ffffff", weight: 1, fillColor: "#333333", fillOpacity: 0.9 });
  return marker.bindPopup(() => stationPopup(feature.properties));
}

function stationPopup(station) {
  const facts = [station.operator, station.technology, `${number(station.cells)} ${t("cells")}`];
  return h(
    "div",
    { class: "popup" },
    h("strong", {}, `${t("station")} ${station.station_id}`),
    h("p", {}, facts.join(" · ")),
    station.on_air ? h("p", {}, t("on_air", { date: date(station.on_air) })) : null,
  );
}
