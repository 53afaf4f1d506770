// What a printed sheet and a picture say beside the map.

import { config, date, operatorName, profileTitle, t } from "../base.js";
import { map, otherView, sides } from "../sides.js";
import { state } from "../state.js";
import { sideNames } from "./swipe.js";

/** Title, the view in words, and the lines of sources and marks. */
export function captions() {
  const [names, other] = [sideNames(), otherView()];
  const both = names?.join(" | ");
  const operator = other?.operator && !other.technology ? both : operatorName(state.operator);
  const results = new Set(sides().map((side) => side.view().snapshot ?? config.snapshot));
  const basis = t(`by_${state.basis}`);
  const { areas, network } = config.sources;
  return {
    title: t("map_title", { province: config.name, technology: other?.technology ? both : state.technology, basis }),
    view: [operator, profileTitle(state.profile), other?.snapshot ? both : date(config.as_of)].join(" · "),
    made: t("map_made", { date: date(config.as_of), snapshot: [...results].join(", ") }),
    source: t("map_source", { areas: shortly(areas), network, model: config.models[state.technology] }),
    marks: ["illustrative", "schematic"].filter((name) => config[name]).map((name) => t(name)),
    note: config.paper_note,
  };
}

/** Name of a source, without what its files say to whoever looks after them. */
function shortly(source) {
  return source.replace(/;\s*see\s.*$/, "").replace(" (points, boxes, mapping)", "");
}

/** A round length for a scale bar of at most `most` pixels at a zoom: {km, pixels}. */
export function scaleBar(zoom, most) {
  const { lat } = map.getCenter();
  const metre = (256 * 2 ** zoom) / (40_075_016.686 * Math.cos((lat * Math.PI) / 180));
  const longest = most / metre / 1000;
  const power = 10 ** Math.floor(Math.log10(longest));
  const km = [5, 2, 1].find((one) => one * power <= longest) * power;
  return { km, pixels: km * 1000 * metre };
}
