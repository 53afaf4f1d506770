// The legend: what every colour and sign of the shown layers means, and what is made up.

import { config, fill, h, number, t } from "./base.js";
import { CLASSES, GAP, NO_DATA } from "./colours.js";
import { seriesOf } from "./data.js";
import { hasRegions, REGION_KM2 } from "./gaps.js";
import { placeSign } from "./places.js";
import { groups, map } from "./sides.js";
import { state } from "./state.js";

function shown(name) {
  return map.hasLayer(groups[name]);
}

function shares() {
  const column = config.language === "vi" ? 0 : 1;
  const rows = CLASSES.map((one) => ({ colour: one.colour, text: one.label[column] }));
  if (seriesOf(state)?.share.includes(null)) rows.push({ colour: NO_DATA, text: t("legend_none") });
  return { title: `${t("legend_share")} ${state.technology}`, rows };
}

function levels() {
  const profile = config.profiles[state.profile];
  if (!config.gives_level[state.technology]) {
    return { title: t("layer_raster"), rows: [{ colour: config.covered_colour, text: t("legend_covered") }] };
  }
  const rows = config.levels.map(([low, colour], place) => (
    { colour, text: `${t(`level_${place + 1}`)} ≥ ${number(low ?? profile.min_rsrp_dbm).replace("-", "−")}` }
  ));
  return { title: t("legend_level", { share: `${number(100 * profile.reliability)} %` }), rows };
}

function people() {
  const rows = config.population.map(({ min, colour }) => ({ colour, text: `≥ ${number(min)}` }));
  return { title: t("legend_population"), rows };
}

function gaps() {
  const rows = [{ colour: GAP, text: t("legend_gap", state), kind: "gap" }];
  const region = t("legend_region", { technology: state.technology, area: number(REGION_KM2) });
  if (hasRegions()) rows.push({ colour: GAP, text: region, kind: "gap hatch" });
  return { rows };
}

function places() {
  const round = { kind: "commune_centre" };
  const park = { kind: "industrial_park", reached: true, certainty: "yes" };
  const rows = [
    { place: { ...round, reached: true, certainty: "yes" }, text: `${t("legend_reached")} ${state.technology}` },
    { place: { ...round, reached: false, certainty: "no" }, text: t("legend_not") },
    { place: { ...round, reached: true, certainty: "uncertain" }, text: t("legend_maybe") },
    { place: park, text: t("legend_park") },
    { place: { ...park, status: "planned" }, text: t("legend_idle") },
  ];
  const unknown = { place: { ...round, reached: false, certainty: "uncertain", rests_on: 0 }, text: t("legend_unknown") };
  if (seriesOf(state)?.province?.rests_on < 1) rows.splice(3, 0, unknown);
  return { rows };
}

/** What the shown layers mean: parts of {title, rows}, a row {text} with a {colour, kind} or a {place}. */
export function legendParts() {
  const found = shown("raster") ? [levels()] : shown("communes") ? [shares()] : [];
  if (shown("population")) found.push(people());
  if (shown("gaps")) found.push(gaps());
  if (shown("centres") || shown("parks")) found.push(places());
  return found;
}

/** What is made up, in whole sentences or by their first words. */
export function honesty(end = "_long") {
  return ["illustrative", "schematic"].filter((name) => config[name]).map((name) => t(`${name}${end}`));
}

function swatch({ colour, kind = "" }) {
  const element = h("span", { class: `swatch ${kind}`, "aria-hidden": "true" });
  if (!kind.includes("hatch")) element.style.backgroundColor = colour;
  return element;
}

function drawn({ title, rows }) {
  const items = rows.map((row) => h("li", {}, row.place ? placeSign(row.place) : swatch(row), h("span", {}, row.text)));
  return [title ? h("h3", {}, title) : null, h("ul", {}, items)];
}

/** Draw the legend of what is shown. */
export function drawLegend() {
  const lines = honesty("").map((line) => h("p", { class: "notice" }, line));
  fill(document.getElementById("legend-body"), ...legendParts().map(drawn), ...lines);
}
