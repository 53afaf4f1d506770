// The map's layers: communes by share, gaps, places, stations and the raster, each filled when it is needed.

import { address, config, date, fetchJson, h, number, operatorName, percent, range, t, word } from "./base.js";
import { GAP, shareColour } from "./colours.js";
import { loadCommunes, loadGaps, share } from "./data.js";
import { choose, note, state } from "./state.js";

const map = window.map_coverage;
const all = {
  raster: window.feature_group_raster,
  communes: window.feature_group_communes,
  gaps: window.feature_group_gaps,
  parks: window.feature_group_parks,
  centres: window.feature_group_centres,
  stations: window.marker_cluster_stations,
};
/** Layers that the reader may see: a page for the public holds no stations. */
const groups = Object.fromEntries(Object.entries(all).filter(([, group]) => group));
/** A gap larger than this is not a spot but a region that is not built out. */
export const REGION_KM2 = 300;
const NO_LAYER = "none";
const WIDE = 900;
const FAR_BELOW = 10;
const filled = {};
let outline = null;
let regions = false;
const shapes = new Map();
export const communeNames = new Map();

function pane(name, zIndex) {
  map.createPane(name).style.zIndex = zIndex;
}

/** Draw the empty map: panes, scale, position and layers of the address. */
export function startMap() {
  pane("raster", 350);
  pane("gaps", 420);
  pane("outline", 430);
  map.getPane("outline").style.pointerEvents = "none";
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  map.attributionControl.setPrefix(false);
  place();
  restoreLayers();
  map.on("moveend", notePosition);
  map.on("zoomend", markFar);
  markFar();
  map.on("overlayadd overlayremove", () => {
    note({ layers: shownLayers() });
    styleCommunes();
  });
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
  const work = { communes: drawCommunes, gaps: drawGaps, parks: drawPlaces, centres: drawPlaces };
  const shown = Object.keys(work).filter((name) => map.hasLayer(groups[name]));
  const jobs = new Set(shown.map((name) => work[name]));
  if (map.hasLayer(groups.raster)) jobs.add(drawRaster);
  if (groups.stations && map.hasLayer(groups.stations)) jobs.add(drawStations);
  await Promise.all([...jobs].map((job) => job()));
}

/** Whether a layer stands for this key already; notes that it now does. */
function already(name, key) {
  if (filled[name] === key) return true;
  filled[name] = key;
  return false;
}

async function drawCommunes() {
  const communes = await loadCommunes();
  if (!already("communes", "once")) {
    L.geoJSON(communes, { onEachFeature: prepareCommune }).addTo(groups.communes);
  }
  styleCommunes();
}

function prepareCommune(feature, layer) {
  const { code } = feature.properties;
  communeNames.set(code, fullName(feature.properties));
  shapes.set(code, layer);
  layer.bindTooltip(() => communeTooltip(code), { sticky: true, className: "name-tip" });
  layer.on("click", () => choose({ commune: code }));
}

/** Type and name of a commune. */
export function fullName(properties) {
  return [properties.type, properties.name].filter(Boolean).join(" ");
}

function communeTooltip(code) {
  const found = share(state, code);
  const figure = found ? `${percent(found.share)} (${range(found.low, found.high)})` : t("legend_none");
  const what = `${state.technology} ${t(`by_${state.basis}`)}: ${figure}`;
  return h("div", {}, h("strong", {}, communeNames.get(code)), h("div", {}, what));
}

/** Recolour the communes for the view; see-through where the raster is shown. */
export function styleCommunes() {
  const detailed = map.hasLayer(groups.raster);
  for (const [code, layer] of shapes) {
    layer.setStyle({
      fillColor: shareColour(share(state, code)?.share),
      fillOpacity: detailed ? 0 : 0.85,
      color: detailed ? "#666666" : "#ffffff",
      weight: detailed ? 0.8 : 1,
    });
  }
  outlineChosen();
}

/** A dark line around the chosen commune, above the gaps. */
function outlineChosen() {
  outline?.remove();
  const layer = shapes.get(state.commune);
  const style = { pane: "outline", interactive: false, fill: false, color: "#111111", weight: 3 };
  outline = layer && L.geoJSON(layer.toGeoJSON(), { ...style, style }).addTo(map);
}

/** Bring a commune into sight. */
export function zoomToCommune(code) {
  const layer = shapes.get(code);
  if (layer) map.fitBounds(layer.getBounds(), { maxZoom: 12, padding: [40, 40] });
}

/** Bring a position into sight. */
export function zoomToPoint(lat, lon) {
  map.setView([lat, lon], Math.max(map.getZoom(), 12));
}

async function drawGaps() {
  const { technology } = state;
  const gaps = await loadGaps(technology);
  if (technology !== state.technology || already("gaps", technology)) return;
  groups.gaps.clearLayers();
  regions = gaps.features.some((one) => one.properties.area_km2 > REGION_KM2);
  const style = ({ properties }) => ({ color: "#7f0d1c", weight: 1, fillColor: gapFill(properties), fillOpacity: 0.95 });
  L.geoJSON(gaps, { style, pane: "gaps", onEachFeature: prepareGap }).addTo(groups.gaps);
}

/** Solid where a gap is a spot; hatched where it is a whole region, so that the shares below can still be read. */
function gapFill(gap) {
  return gap.area_km2 > REGION_KM2 ? "url(#hatch)" : GAP;
}

/** Whether any gap on the map is a whole region. */
export function hasRegions() {
  return regions;
}

function prepareGap(feature, layer) {
  layer.bindPopup(() => gapPopup(feature.properties), { maxWidth: 320 });
}

/** What a gap says: how large, how many people, the nearest station where the reader may know it. */
export function gapText(gap) {
  return t(gap.nearest_station ? "gap_text" : "gap_text_public", {
    technology: gap.technology,
    area: number(gap.area_km2, gap.area_km2 < 10 ? 1 : 0),
    people: number(gap.people),
    station: gap.nearest_station,
    operator: gap.nearest_operator,
    km: number(gap.nearest_km, 1),
  });
}

function gapPopup(gap) {
  const others = gap.commune_codes.split(" ").length - 1;
  const first = t("gap_in", { commune: communeNames.get(gap.commune_code) ?? gap.commune_code });
  const where = others ? `${first} ${t("gap_more", { count: others })}` : first;
  return h(
    "div",
    { class: "popup" },
    h("strong", { class: "loud" }, t("gap_title", gap)),
    h("p", {}, gapText(gap)),
    h("p", {}, `${where}.`),
    gap.places ? h("p", { class: "muted clamp" }, t("gap_places", { places: gap.places })) : null,
  );
}

async function drawPlaces() {
  const { technology, operator, profile } = state;
  const key = [technology, operator, profile].join("|");
  const places = await fetchJson(address("/places", { technology, operator, profile }));
  if (key !== [state.technology, state.operator, state.profile].join("|") || already("places", key)) return;
  groups.centres.clearLayers();
  groups.parks.clearLayers();
  for (const feature of places.features) {
    const kind = feature.properties.kind;
    placeMarker(feature).addTo(kind === "industrial_park" ? groups.parks : groups.centres);
  }
}

/** "yes", "no"; "maybe-yes", "maybe-no" where the accuracy of the position leaves it open; "unknown" for want of terrain. */
export function verdict(place) {
  const reached = place.reached ? "yes" : "no";
  if (lacksTerrain(place) && !place.reached) return "unknown";
  return place.certainty === "uncertain" ? `maybe-${reached}` : reached;
}

function lacksTerrain(place) {
  return place.certainty === "uncertain" && typeof place.rests_on === "number" && place.rests_on < 1;
}

const SIGNS = { yes: "✓", no: "✗", "maybe-yes": "✓", "maybe-no": "✗", unknown: "?" };

/** The mark of a place: shape by kind, sign and colour by verdict. */
export function placeSign(place) {
  const shape = place.kind === "industrial_park" ? "park" : "centre";
  const idle = place.status && place.status !== "operating" ? "idle" : "";
  return h("span", { class: `sign ${shape} ${verdict(place)} ${idle}`, "aria-hidden": "true" }, SIGNS[verdict(place)]);
}

function placeMarker(feature) {
  const place = feature.properties;
  const size = place.kind === "industrial_park" ? 20 : 16;
  const icon = L.divIcon({ html: placeSign(place), className: "place", iconSize: [size, size] });
  const at = L.geoJSON(feature).getBounds().getCenter();
  const marker = L.marker(at, { icon, keyboard: false, zIndexOffset: size });
  marker.bindPopup(() => placePopup(place), { maxWidth: 300 });
  marker.bindTooltip(() => h("span", {}, place.name), { className: "name-tip" });
  return marker;
}

/** "có sóng 5G" and the like. */
export function verdictText(place, technology) {
  const key = { yes: "reached_yes", no: "reached_no", "maybe-yes": "reached_maybe_yes", "maybe-no": "reached_maybe_no", unknown: "reached_unknown" };
  return t(key[verdict(place)], { technology });
}

function placePopup(place) {
  const kind = [t(`kind_${place.kind}`), place.status ? word(`status_${place.status.replaceAll(" ", "_")}`, place.status) : null];
  return h(
    "div",
    { class: "popup" },
    h("strong", {}, place.name),
    h("p", { class: "muted" }, kind.filter(Boolean).join(", ")),
    h("p", {}, placeSign(place), ` ${capital(verdictText(place, state.technology))} (${operatorName(state.operator)}).`),
    place.level_dbm === null || !config.gives_level[state.technology]
      ? null
      : h("p", {}, `${t("level_at", { level: number(place.level_dbm) })}.`),
    place.certainty === "uncertain" ? h("p", { class: "muted" }, uncertainty(place)) : null,
    place.basis ? h("p", { class: "muted" }, `${t("position")}: ${place.basis}.`) : null,
  );
}

/** Why it is not certain: missing terrain, or a position that is known only roughly. */
function uncertainty(place) {
  return lacksTerrain(place) ? t("uncertain_terrain") : t("uncertain_why", { m: number(place.accuracy_m) });
}

/** The text with its first letter in upper case. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function drawRaster() {
  const { profile, operator } = state;
  if (already("raster", `${profile}|${operator}`)) return;
  groups.raster.clearLayers();
  const url = `/rasters/${config.snapshot}.png?${new URLSearchParams({ profile, operator })}`;
  const options = { opacity: 0.8, pane: "raster", className: "coverage-raster", alt: t("layer_raster") };
  L.imageOverlay(url, config.raster_bounds, options).addTo(groups.raster);
}

async function drawStations() {
  const { technology, operator } = state;
  const stations = await fetchJson(address("/stations", { technology }));
  const key = `${technology}|${operator}`;
  if (key !== `${state.technology}|${state.operator}` || already("stations", key)) return;
  const chosen = stations.features.filter((one) => ["any", "all", one.properties.operator].includes(operator));
  groups.stations.clearLayers();
  groups.stations.addLayers(chosen.map(stationMarker));
}

function stationMarker(feature) {
  const [lon, lat] = feature.geometry.coordinates;
  const marker = L.circleMarker([lat, lon], { radius: 5, color: "#ffffff", weight: 1, fillColor: "#333333", fillOpacity: 0.9 });
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
