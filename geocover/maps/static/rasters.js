// Raster layers, tile by tile: levels, people, and the ground below everything.

import { config, fill, h, t } from "./base.js";
import { already, groups, map, own } from "./sides.js";
import { note, state } from "./state.js";

const EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
/** From this zoom on the ground shows through the communes. */
const GROUND_FROM = 11;

/** Tiles of ours: names stand in the address as they are, never as a template. */
const Tiles = L.TileLayer.extend({
  getTileUrl(at) {
    return tileAt(this.options.base, this._getZoomForUrl(), at, "webp");
  },
  // A tile that is no longer wanted is let come all the same: its address is kept for ever, so it is not lost.
  _abortLoading() {},
  _removeTile(key) {
    L.GridLayer.prototype._removeTile.call(this, key);
  },
});

/** Address of the tiles of a set, without the tile. */
export function tilesOf(snapshot, ...parts) {
  return ["/tiles", snapshot ?? config.snapshot, ...parts].map((part, place) => (place ? encodeURIComponent(part) : part)).join("/");
}

/** Address of a tile; it names the program that draws, so that a browser may keep the tile for ever. */
export function tileAt(base, z, { x, y }, kind) {
  return `${base}/${z}/${x}/${y}.${kind}?v=${config.program}`;
}

function tiles(base, pane, lastZoom, more) {
  return new Tiles("", {
    base, pane, bounds: config.raster_bounds, maxNativeZoom: lastZoom, maxZoom: 18, errorTileUrl: EMPTY,
    updateWhenZooming: false, keepBuffer: 1, alt: "", ...more,
  });
}

/** Levels of a side's view. */
export function drawRaster(side) {
  const { profile, operator, snapshot } = side.view();
  if (already(side, "raster", `${profile}|${operator}|${snapshot}`)) return;
  side.groups.raster.clearLayers();
  const base = tilesOf(snapshot, "raster", profile, operator);
  const layer = tiles(base, side.panes.raster, config.last_zoom.raster, { className: "coverage-raster", opacity: opacity() });
  layer.on("tileload", ({ tile }) => tile.classList.toggle("coverage-raster", tile.naturalWidth > 1));
  layer.addTo(side.groups.raster);
}

/** People a square kilometre. */
export function drawPopulation() {
  if (already(own, "population", "once")) return;
  const options = { className: "population-raster", opacity: opacity() };
  tiles(tilesOf(null, "population"), "population", config.last_zoom.raster, options).addTo(groups.population);
}

/** The ground, asked for only where something lets it be seen. */
export function drawGround() {
  if (!groups.hillshade || !map.hasLayer(groups.hillshade) || !groundSeen() || already(own, "hillshade", "once")) return;
  tiles(tilesOf(null, "hillshade"), "hillshade", config.last_zoom.hillshade, { className: "ground" }).addTo(groups.hillshade);
}

function groundSeen() {
  const above = ["raster", "population"].some((name) => map.hasLayer(groups[name]));
  return above || !map.hasLayer(groups.communes) || map.getZoom() >= GROUND_FROM;
}

function opacity() {
  return Number(state.opacity) / 100;
}

/** Set how strongly levels and people cover the ground. */
export function fadeRasters(all) {
  for (const group of [...all.map((side) => side.groups.raster), groups.population]) {
    group.eachLayer((layer) => layer.setOpacity(opacity()));
  }
}

/** The slider below the list of layers; it stands only where there is something to fade. */
export function drawFader(box, change) {
  const shown = ["raster", "population"].some((name) => map.hasLayer(groups[name]));
  box.hidden = !shown;
  if (!shown || box.firstChild) return;
  const slider = h("input", {
    type: "range", id: "opacity", min: 10, max: 100, step: 5, value: state.opacity,
    oninput: (event) => {
      note({ opacity: event.target.value });
      change();
    },
  });
  fill(box, h("label", { for: "opacity" }, t("opacity")), slider);
}
