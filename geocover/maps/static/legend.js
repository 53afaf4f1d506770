// The legend: what every colour and sign of the shown layers means, and what is made up.

import { config, fill, h, number, t } from "./base.js";
import { CLASSES, GAP, NO_DATA } from "./colours.js";
import { seriesOf } from "./data.js";
import { hasRegions, placeSign, REGION_KM2 } from "./layers.js";
import { state } from "./state.js";

const map = window.map_coverage;

function shown(name) {
  return map.hasLayer(window[`feature_group_${name}`]);
}

function row(mark, text) {
  return h("li", {}, mark, h("span", {}, text));
}

function swatch(colour, kind = "") {
  const element = h("span", { class: `swatch ${kind}`, "aria-hidden": "true" });
  element.style.backgroundColor = colour;
  return element;
}

function shares() {
  const column = config.language === "vi" ? 0 : 1;
  const rows = CLASSES.map((one) => row(swatch(one.colour), one.label[column]));
  const without = seriesOf(state)?.share.includes(null) ? row(swatch(NO_DATA), t("legend_none")) : null;
  return [h("h3", {}, `${t("legend_share")} ${state.technology}`), h("ul", {}, rows, without)];
}

function levels() {
  const profile = config.profiles[state.profile];
  if (!config.gives_level[state.technology]) {
    return [h("h3", {}, t("layer_raster")), h("ul", {}, row(swatch(config.covered_colour), t("legend_covered")))];
  }
  const title = t("legend_level", { share: `${number(100 * profile.reliability)} %` });
  const rows = config.levels.map(([low, colour], place) =>
    row(swatch(colour), `${t(`level_${place + 1}`)} ≥ ${number(low ?? profile.min_rsrp_dbm).replace("-", "−")}`),
  );
  return [h("h3", {}, title), h("ul", {}, rows)];
}

function region() {
  return t("legend_region", { technology: state.technology, area: number(REGION_KM2) });
}

function places() {
  const sign = (reached, certainty, kind, status, known) => placeSign({ reached, certainty, kind, status, rests_on: known });
  const round = "commune_centre";
  return h(
    "ul",
    {},
    row(sign(true, "yes", round), `${t("legend_reached")} ${state.technology}`),
    row(sign(false, "no", round), t("legend_not")),
    row(sign(true, "uncertain", round), t("legend_maybe")),
    seriesOf(state)?.province?.rests_on < 1 ? row(sign(false, "uncertain", round, null, 0), t("legend_unknown")) : null,
    row(sign(true, "yes", "industrial_park"), t("legend_park")),
    row(sign(true, "yes", "industrial_park", "planned"), t("legend_idle")),
  );
}

function honesty() {
  const lines = ["illustrative", "schematic"].filter((name) => config[name]).map((name) => t(`${name}_long`));
  return lines.map((line) => h("p", { class: "notice" }, line));
}

/** Draw the legend of what is shown. */
export function drawLegend() {
  fill(
    document.getElementById("legend-body"),
    ...(shown("raster") ? levels() : shown("communes") ? shares() : []),
    shown("gaps") ? h("ul", {}, row(swatch(GAP, "gap"), t("legend_gap", state)), hasRegions() ? row(swatch("", "gap hatch"), region()) : null) : null,
    shown("centres") || shown("parks") ? places() : null,
    ...honesty(),
  );
}
