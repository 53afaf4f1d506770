// Commune centres and industrial parks: whether the view reaches them, and how surely.

import { address, config, fetchJson, h, number, operatorName, t, word } from "./base.js";
import { already } from "./sides.js";

function keyOf({ technology, operator, profile, snapshot }) {
  return [technology, operator, profile, snapshot].join("|");
}

/** Draw the centres and parks of a side. */
export async function drawPlaces(side) {
  const view = side.view();
  const { technology, operator, profile, snapshot } = view;
  const places = await fetchJson(address("/places", { technology, operator, profile }, snapshot));
  if (keyOf(view) !== keyOf(side.view()) || already(side, "places", keyOf(view))) return;
  const { centres, parks } = side.groups;
  centres.clearLayers();
  parks.clearLayers();
  for (const feature of places.features) {
    placeMarker(side, feature).addTo(feature.properties.kind === "industrial_park" ? parks : centres);
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

export const SIGNS = { yes: "✓", no: "✗", "maybe-yes": "✓", "maybe-no": "✗", unknown: "?" };

/** The mark of a place: shape by kind, sign and colour by verdict. */
export function placeSign(place) {
  const shape = place.kind === "industrial_park" ? "park" : "centre";
  const idle = place.status && place.status !== "operating" ? "idle" : "";
  return h("span", { class: `sign ${shape} ${verdict(place)} ${idle}`, "aria-hidden": "true" }, SIGNS[verdict(place)]);
}

function placeMarker(side, feature) {
  const place = feature.properties;
  const size = place.kind === "industrial_park" ? 20 : 16;
  const icon = L.divIcon({ html: placeSign(place), className: "place", iconSize: [size, size] });
  const at = L.geoJSON(feature).getBounds().getCenter();
  const marker = L.marker(at, { icon, keyboard: false, zIndexOffset: size, pane: side.panes.centres, place });
  marker.bindPopup(() => placePopup(place, side.view()), { maxWidth: 300 });
  marker.bindTooltip(() => h("span", {}, place.name), { className: "name-tip" });
  return marker;
}

/** "có sóng 5G" and the like. */
export function verdictText(place, technology) {
  const key = { yes: "reached_yes", no: "reached_no", "maybe-yes": "reached_maybe_yes", "maybe-no": "reached_maybe_no", unknown: "reached_unknown" };
  return t(key[verdict(place)], { technology });
}

function placePopup(place, { technology, operator }) {
  const kind = [t(`kind_${place.kind}`), place.status ? word(`status_${place.status.replaceAll(" ", "_")}`, place.status) : null];
  return h(
    "div",
    { class: "popup" },
    h("strong", {}, place.name),
    h("p", { class: "muted" }, kind.filter(Boolean).join(", ")),
    h("p", {}, placeSign(place), ` ${capital(verdictText(place, technology))} (${operatorName(operator)}).`),
    place.level_dbm === null || !config.gives_level[technology]
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
