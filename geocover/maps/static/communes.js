// Communes by share: their shapes, colours, names and the line around the chosen one.

import { h, operatorName, percent, range, t } from "./base.js";
import { shareColour } from "./colours.js";
import { loadCommunes, loadShares, share } from "./data.js";
import { already, groups, map, own, sides } from "./sides.js";
import { state } from "./state.js";

/** From this zoom on the ground shows through the communes. */
const CLOSE = 11;
export const communeNames = new Map();
let outline = null;
let under = "";

/** Type and name of a commune. */
export function fullName(properties) {
  return [properties.type, properties.name].filter(Boolean).join(" ");
}

/** Draw the communes of a side. */
export async function drawCommunes(side) {
  const { snapshot, profile } = side.view();
  const [communes] = await Promise.all([loadCommunes(snapshot), loadShares(snapshot, profile)]);
  if (snapshot !== side.view().snapshot) return;
  if (!already(side, "communes", snapshot ?? "")) {
    side.groups.communes.clearLayers();
    side.shapes.clear();
    L.geoJSON(communes, { pane: side.panes.communes, onEachFeature: (feature, layer) => prepare(side, feature, layer) }).addTo(side.groups.communes);
  }
  styleCommunes();
}

function prepare(side, feature, layer) {
  const { code } = feature.properties;
  communeNames.set(code, fullName(feature.properties));
  side.shapes.set(code, layer);
  layer.bindTooltip(() => tooltip(side, code), { sticky: true, className: "name-tip" });
  layer.on("click", () => { under = code; });
  // Chromium takes whatever listens for focus, as tooltips do, for a stop of the Tab key: 148 without a name.
  layer.on("add", () => layer.getElement()?.setAttribute("tabindex", "-1"));
}

/** Code of the commune that was just clicked, once. */
export function takeClicked() {
  const code = under;
  under = "";
  return code;
}

function tooltip(side, code) {
  const view = side.view();
  const found = share(view, code);
  const figure = found ? `${percent(found.share)} (${range(found.low, found.high)})` : t("legend_none");
  const what = `${view.technology} ${t(`by_${view.basis}`)}: ${figure}`;
  return h("div", {}, h("strong", {}, communeNames.get(code)), h("div", {}, what), h("div", { class: "muted" }, operatorName(view.operator)));
}

/** Recolour the communes for the view; see-through where a raster is shown, a little so from nearby. */
export function styleCommunes() {
  const detailed = map.hasLayer(groups.raster) || map.hasLayer(groups.population);
  const opacity = detailed ? 0 : map.getZoom() >= CLOSE ? 0.6 : 0.85;
  for (const side of sides()) {
    const view = side.view();
    for (const [code, layer] of side.shapes) {
      const line = detailed ? { color: "#555555", weight: 0.8 } : { color: "#ffffff", weight: 1 };
      layer.setStyle({ fillColor: shareColour(share(view, code)?.share), fillOpacity: opacity, ...line });
    }
  }
  outlineChosen();
}

/** A dark line around the chosen commune, above the gaps. */
function outlineChosen() {
  outline?.remove();
  const layer = own.shapes.get(state.commune);
  const style = { pane: "outline", interactive: false, fill: false, color: "#111111", weight: 3 };
  outline = layer && L.geoJSON(layer.toGeoJSON(), { ...style, style }).addTo(map);
}

/** Bring a commune into sight. */
export function zoomToCommune(code) {
  const layer = own.shapes.get(code);
  if (layer) map.fitBounds(layer.getBounds(), { maxZoom: 12, padding: [40, 40] });
}
