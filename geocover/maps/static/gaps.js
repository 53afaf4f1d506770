// Gaps: where no operator covers, loud, and each with its size, people and nearest station.

import { h, number, t } from "./base.js";
import { GAP } from "./colours.js";
import { communeNames } from "./communes.js";
import { loadGaps } from "./data.js";
import { already, map, own } from "./sides.js";

/** A gap larger than this is not a spot but a region that is not built out. */
export const REGION_KM2 = 300;

/** Draw the gaps of a side. */
export async function drawGaps(side) {
  const { technology, snapshot } = side.view();
  const gaps = await loadGaps(technology, snapshot);
  const now = side.view();
  if (technology !== now.technology || snapshot !== now.snapshot || already(side, "gaps", `${technology}|${snapshot}`)) return;
  side.groups.gaps.clearLayers();
  side.regions = gaps.features.some((one) => one.properties.area_km2 > REGION_KM2);
  const style = ({ properties }) => ({ color: "#7f0d1c", weight: 1, fillColor: gapFill(properties), fillOpacity: 0.95 });
  L.geoJSON(gaps, { style, pane: side.panes.gaps, onEachFeature: prepareGap }).addTo(side.groups.gaps);
}

/** Solid where a gap is a spot; hatched where it is a whole region, so that the shares below can still be read. */
function gapFill(gap) {
  return gap.area_km2 > REGION_KM2 ? "url(#hatch)" : GAP;
}

/** Whether any gap on the map is a whole region. */
export function hasRegions() {
  return own.regions;
}

function prepareGap(feature, layer) {
  layer.bindPopup(() => gapPopup(feature.properties), { maxWidth: 320 });
  // A popup keeps the click from the map: what stands for any spot of the map stands for a gap's too.
  layer.on("click", ({ latlng }) => map.fire("spot", { latlng, code: feature.properties.commune_code }));
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
