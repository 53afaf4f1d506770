// The page: what is chosen in one part changes the others.

import { config } from "./base.js";
import { loadCommunes, loadGaps, loadShares } from "./data.js";
import { startControl } from "./control.js";
import { drawNames } from "./labels.js";
import { fullName, place, refresh, restoreLayers, startMap, styleCommunes, zoomToCommune } from "./layers.js";
import { drawLegend } from "./legend.js";
import { startPaper } from "./paper.js";
import { drawAbout, drawCommune, drawFigures, drawHeadline } from "./panel.js";
import { startSearch } from "./search.js";
import { choose, onChange, state } from "./state.js";
import { drawTable, startTable } from "./table.js";
import { drawSwitches } from "./view.js";

// What is not drawn at first comes after it.
let tools = { drawTools: () => null };
const NARROW = "(max-width: 800px)";
const ROOMY = "(min-width: 1280px)"; // below it an open legend would lie over the province

function drawView() {
  document.body.dataset.technology = state.technology;
  drawSwitches();
  drawHeadline();
  drawLegend();
}

async function update() {
  drawSwitches();
  await loadShares(config.snapshot, state.profile);
  drawView();
  await Promise.all([refresh(), drawCommune(), drawTable(), tools.drawTools()]);
  styleCommunes();
  drawLegend();
}

function pick(code) {
  choose({ commune: code });
  zoomToCommune(code);
  window.scrollTo({ top: 0 });
}

function follow() {
  const date = document.getElementById("date");
  date.addEventListener("change", () => go({ snapshot: date.value }));
  for (const link of document.querySelectorAll(".languages a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go({ lang: link.lang });
    });
  }
}

/** Another date or language: the same view on another page. */
function go(change) {
  const query = new URLSearchParams({ lang: config.language, snapshot: config.snapshot, ...change });
  window.location.href = `?${query}${window.location.hash}`;
}

async function start() {
  const narrow = window.matchMedia(NARROW).matches;
  document.getElementById("legend").open = window.matchMedia(ROOMY).matches;
  startMap();
  startControl(narrow);
  startPaper(() => document.body.classList.contains("sheet"));
  drawAbout();
  drawSwitches();
  drawLegend();
  follow();
  window.map_coverage.on("overlayadd overlayremove", () => refresh().then(drawLegend));
  const [communes] = await Promise.all([loadCommunes(), loadShares(config.snapshot, state.profile), drawFigures(), loadGaps(state.technology)]);
  startSearch(communes.features.map((one) => ({ code: one.properties.code, name: fullName(one.properties) })), pick);
  startTable(communes.features, pick);
  onChange(update);
  onChange((view, change) => {
    if ("layers" in change) restoreLayers();
    if ("at" in change) place();
  });
  await update();
  if (state.commune && !state.at) zoomToCommune(state.commune);
  tools = await import("./tools/tools.js");
  tools.startTools();
  await tools.drawTools();
  document.fonts.ready.then(drawNames);
  document.documentElement.dataset.ready = "true";
}

start();
