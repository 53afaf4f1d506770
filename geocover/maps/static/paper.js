// The map within a printed page: laid out anew as wide as the paper, showing what it showed, its legend open.

import { config } from "./base.js";
import { map } from "./sides.js";

const FINE = 0.25;

/** Make the map ready whenever the page is printed; `unless` says when something else lays it out. */
export function startPaper(unless = () => false) {
  const frame = map.getContainer().closest(".map-frame");
  const legend = document.getElementById("legend");
  let before = null;
  window.addEventListener("beforeprint", () => {
    if (before || unless()) return;
    const [seen, province] = [map.getBounds(), L.latLngBounds(config.bounds)];
    before = { middle: map.getCenter(), zoom: map.getZoom(), snap: map.options.zoomSnap, open: legend.open };
    frame.classList.add("on-paper");
    legend.open = true;
    map.invalidateSize({ animate: false });
    map.options.zoomSnap = FINE;
    map.fitBounds(seen.contains(province) ? province : seen, { animate: false });
  });
  window.addEventListener("afterprint", () => {
    if (!before) return;
    frame.classList.remove("on-paper");
    legend.open = before.open;
    map.options.zoomSnap = before.snap;
    map.invalidateSize({ animate: false });
    map.setView(before.middle, before.zoom, { animate: false });
    before = null;
  });
}
