// The sides of the map: the view itself and, beside it, the one that it is compared with.

import { config } from "./base.js";
import { state } from "./state.js";

export const map = window.map_coverage;
const GROUPS = ["hillshade", "population", "raster", "communes", "names", "gaps", "parks", "centres"];
const found = GROUPS.map((name) => [name, window[`feature_group_${name}`]]);
/** Layers that the reader may see: a page for the public holds no stations, one without terrain no hillshade. */
export const groups = Object.fromEntries([...found, ["stations", window.marker_cluster_stations]].filter(([, group]) => group));
// The panes of each side, from below. Those of the other side are drawn over its own part of the map alone.
const PANES = {
  own: { raster: "raster", communes: "overlayPane", gaps: "gaps", parks: "markerPane", centres: "markerPane", stations: "stations" },
  other: { raster: "raster-other", communes: "communes-other", gaps: "gaps-other", parks: "marks-other", centres: "marks-other", stations: "stations-other" },
};
const HEIGHTS = {
  hillshade: 200, raster: 350, "raster-other": 351, population: 352, "communes-other": 410, gaps: 420,
  "gaps-other": 421, outline: 430, names: 440, "marks-other": 610, stations: 615, "stations-other": 616, spot: 620,
};

function makeSide(name, its, view) {
  return { name, groups: its, panes: PANES[name], view, shapes: new Map(), filled: {}, regions: false };
}

/** The other side's layer of what is drawn on both. */
function otherGroup(name) {
  return name === "stations" ? L.markerClusterGroup({ ...groups.stations.options, clusterPane: PANES.other.stations }) : L.featureGroup();
}

export const own = makeSide("own", groups, () => state);
const otherGroups = Object.fromEntries(Object.keys(PANES.other).filter((name) => groups[name]).map((name) => [name, otherGroup(name)]));
const other = makeSide("other", otherGroups, () => ({ ...state, ...otherView() }));

/** What differs on the other side: {snapshot}, {operator} or {technology, profile}; null where nothing is compared. */
export function otherView() {
  const [kind, ...rest] = state.compare.split(":");
  const value = rest.join(":");
  if (!value || config.view) return null;
  if (kind === "date") return { snapshot: value };
  if (kind === "operator") return { operator: value };
  return { technology: value, profile: sameKind(value), operator: config.operators[value].includes(state.operator) ? state.operator : "any" };
}

/** The definition of another technology that is as this one: outdoor for outdoor, indoor for indoor. */
function sameKind(technology) {
  const indoor = (name) => config.profiles[name].indoor_loss_db > 0;
  const names = Object.keys(config.profiles).filter((name) => config.profiles[name].technology === technology);
  return names.find((name) => indoor(name) === indoor(state.profile)) ?? names[0];
}

/** The sides that are drawn, from the left: one, or two in a comparison, and of two dates the older one first. */
export function sides() {
  const compared = otherView();
  if (!compared) return [own];
  return compared.snapshot && older(compared.snapshot) ? [other, own] : [own, other];
}

/** Whether a result is older than the page's own; the dates stand in their order. */
function older(snapshot) {
  const place = (id) => config.dates.findIndex((one) => one.id === id);
  return place(snapshot) < place(config.snapshot);
}

/** Make the panes, and the other side's layers. */
export function startSides() {
  for (const [name, height] of Object.entries(HEIGHTS)) map.createPane(name).style.zIndex = height;
  if (groups.stations) groups.stations.options.clusterPane = PANES.own.stations;
  for (const name of ["outline", "names", "spot"]) map.getPane(name).style.pointerEvents = "none";
}

/** Show on the other side what is shown on this one; nothing where nothing is compared. */
export function followShown() {
  const compared = Boolean(otherView());
  for (const [name, group] of Object.entries(otherGroups)) {
    const wanted = compared && map.hasLayer(groups[name]);
    if (wanted !== map.hasLayer(group)) map[wanted ? "addLayer" : "removeLayer"](group);
  }
}

/** Names of the panes of a side. */
export function panesOf(side) {
  return [...new Set(Object.values(side.panes))];
}

/** Whether a side's layer stands for this key already; notes that it now does. */
export function already(side, name, key) {
  if (side.filled[name] === key) return true;
  side.filled[name] = key;
  return false;
}
