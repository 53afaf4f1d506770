// The map beside a table: the overview's own layers in a view that the page names.

import { config, t } from "../base.js";
import { startControl } from "../control.js";
import { refresh, startMap, styleCommunes, zoomToCommune } from "../layers.js";
import { drawLegend } from "../legend.js";
import { startPaper } from "../paper.js";
import { onChange } from "../state.js";

const CLOSE = 13;

/** Draw the page's map; where that fails the tables stay, and the page says so. */
export async function startPageMap() {
  try {
    await draw();
  } catch (error) {
    document.getElementById("map-wait").textContent = t("map_failed");
    throw error;
  }
}

async function draw() {
  startMap();
  startControl(true);
  startPaper();
  window.map_coverage.on("overlayadd overlayremove", () => refresh().then(drawLegend));
  await refresh();
  styleCommunes();
  drawLegend();
  if (config.view.commune) zoomToCommune(config.view.commune);
  onChange((view, change) => change.commune && openCommune(change.commune));
  startLinks();
  showMarked();
}

/** A click on another commune leads to its page. */
function openCommune(code) {
  if (code === config.view.commune && location.pathname.endsWith(code)) return;
  const query = new URLSearchParams({ lang: config.language, snapshot: config.snapshot });
  window.location.assign(`/maps/commune/${encodeURIComponent(code)}?${query}`);
}

/** Links to a spot show it on the map of this page where that is in sight beside the table. */
function startLinks() {
  for (const link of document.querySelectorAll("a.on-map")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link);
      document.getElementById("map-box").scrollIntoView({ block: "nearest" });
    });
  }
}

function show(link) {
  const at = [Number(link.dataset.lat), Number(link.dataset.lon)];
  window.map_coverage.setView(at, Math.max(window.map_coverage.getZoom(), CLOSE), { animate: false });
  openAt(at);
}

/** Open the popup of the gap or place there. */
function openAt([lat, lon]) {
  const near = (one, other) => Math.abs(one - other) < 1e-4;
  const here = (one) => {
    const told = one.feature?.properties ?? {};
    const at = one.getLatLng?.() ?? { lat: told.lat, lng: told.lon };
    return near(at.lat, lat) && near(at.lng, lon);
  };
  const found = Object.values(window.map_coverage._layers).find((one) => one.getPopup?.() && here(one));
  found?.openPopup();
}

/** The gap that the address names: its row is marked, the map goes there. */
function showMarked() {
  const row = document.querySelector("tr.current, tr:target");
  if (!row) return;
  show(row.querySelector("a.on-map"));
  row.scrollIntoView({ block: "center" });
}
