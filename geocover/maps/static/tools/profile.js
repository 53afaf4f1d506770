// The path from a station to a spot as a drawing and a table: terrain, line of sight, first Fresnel zone.

import { h, number, t } from "../base.js";

const WIDTH = 352;
const HEIGHT = 210;
const EDGE = { left: 44, right: 10, top: 12, bottom: 36 };
const TICKS = 4;
const ROWS = 12;
const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** The drawing with its caption, verdict, legend and table. */
export function drawProfile(path) {
  const title = t("profile_title", { station: path.station.station_id });
  const { samples, link, worst } = path;
  const columns = columnsOf(samples);
  return h(
    "figure",
    { class: "profile" },
    h("figcaption", {}, title),
    columns.length > 1 && samples.ground_m.some(isNumber) ? chart(columns, worst, `${title}. ${verdict(path)} ${obstacle(worst) ?? ""}`) : null,
    h("p", {}, verdict(path)),
    worst ? h("p", { class: "muted" }, obstacle(worst)) : null,
    h("p", { class: "muted" }, t("profile_radio", { freq: number(link.freq_mhz), tx: number(link.tx_height_m), rx: number(link.rx_height_m, 1), level: number(link.level_dbm).replace("-", "−") })),
    path.station.assumed?.length ? h("p", { class: "muted" }, t("profile_assumed", { what: path.station.assumed.join(", ") })) : null,
    keys(),
    remark(path),
    figures(columns),
  );
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** Samples as rows; the ground stands higher by the Earth's bulge, as the straight line of sight meets it. */
function columnsOf(samples) {
  return samples.distance_km.map((km, k) => ({
    km,
    ground: isNumber(samples.ground_m[k]) ? samples.ground_m[k] + samples.bulge_m[k] : null,
    line: samples.line_m[k],
    fresnel: samples.fresnel_m[k],
    clearance: samples.clearance_m[k],
  }));
}

function verdict({ line_of_sight: sight, fresnel_60_free: free }) {
  if (sight === null) return t("profile_unknown");
  if (!sight) return t("profile_blocked");
  return t(free ? "profile_clear" : free === null ? "profile_unknown" : "profile_touched");
}

function obstacle(worst) {
  if (!worst) return null;
  return t("profile_obstacle", {
    km: number(worst.distance_km, 1), ground: number(worst.ground_m),
    clearance: number(worst.clearance_m, 1).replace("-", "−"), fresnel: number(worst.fresnel_m, 1),
  });
}

/** Round numbers from one end to the other, about `count` of them. */
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(at);
  return { found, decimals: step < 1 ? Math.min(3, Math.ceil(-Math.log10(step))) : 0 };
}

function chart(columns, worst, label) {
  const last = columns.at(-1).km || 0.001;
  const known = columns.flatMap(({ ground, line, fresnel }) => [ground, line + fresnel, line - fresnel]).filter(isNumber);
  const [low, high] = spread(Math.min(...known), Math.max(...known));
  const x = (km) => EDGE.left + (km / last) * (WIDTH - EDGE.left - EDGE.right);
  const y = (m) => EDGE.top + ((high - m) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    ...axes(x, y, last, low, high),
    ...terrain(columns, x, y, y(low)),
    svg("polygon", { class: "fresnel", points: around(columns, x, y) }),
    svg("polyline", { class: "sight", points: columns.map((one) => `${x(one.km).toFixed(1)},${y(one.line).toFixed(1)}`).join(" ") }),
    ...(worst && isNumber(columns[worst.sample]?.ground) ? [worstMark(columns[worst.sample], x, y)] : []),
  );
}

function spread(low, high) {
  const room = Math.max(5, (high - low) * 0.08);
  return [low - room, high + room];
}

function around(columns, x, y) {
  const upper = columns.map((one) => [one.km, one.line + one.fresnel]);
  const under = columns.map((one) => [one.km, one.line - one.fresnel]).reverse();
  return [...upper, ...under].map(([km, m]) => `${x(km).toFixed(1)},${y(m).toFixed(1)}`).join(" ");
}

/** The ground, in a piece for each stretch where it is known. */
function terrain(columns, x, y, bottom) {
  const pieces = [[]];
  for (const one of columns) {
    if (one.ground === null) pieces.push([]);
    else pieces.at(-1).push(one);
  }
  return pieces.filter((piece) => piece.length > 1).map((piece) => {
    const top = piece.map((one) => `${x(one.km).toFixed(1)},${y(one.ground).toFixed(1)}`);
    return svg("polygon", { class: "terrain", points: [`${x(piece[0].km)},${bottom}`, ...top, `${x(piece.at(-1).km)},${bottom}`].join(" ") });
  });
}

function worstMark({ km, ground }, x, y) {
  const [at, up] = [x(km), y(ground)];
  return svg("path", { class: "worst", d: `M${at - 6},${up - 12}h12l-6,11z` });
}

function axes(x, y, last, low, high) {
  const across = ticks(0, last, TICKS);
  const upward = ticks(low, high, TICKS);
  const right = WIDTH - EDGE.right;
  const foot = HEIGHT - EDGE.bottom;
  return [
    ...upward.found.map((m) => svg("line", { class: "grid", x1: EDGE.left, x2: right, y1: y(m), y2: y(m) })),
    ...upward.found.map((m) => svg("text", { x: EDGE.left - 5, y: y(m) + 4, "text-anchor": "end" }, number(m, upward.decimals))),
    ...across.found.map((km) => svg("text", { x: x(km), y: foot + 15, "text-anchor": "middle" }, number(km, across.decimals))),
    svg("line", { class: "axis", x1: EDGE.left, x2: right, y1: foot, y2: foot }),
    svg("text", { x: (EDGE.left + right) / 2, y: HEIGHT - 5, "text-anchor": "middle" }, t("profile_axis_km")),
    svg("text", { transform: `translate(10 ${(EDGE.top + foot) / 2}) rotate(-90)`, "text-anchor": "middle" }, t("profile_axis_m")),
  ];
}

function keys() {
  const names = ["ground", "sight", "fresnel", "worst"];
  return h("ul", { class: "keys" }, names.map((name) => h("li", {}, h("span", { class: `key ${name}`, "aria-hidden": "true" }), t(`profile_${name}`))));
}

function remark(path) {
  const text = path[`remark_${document.documentElement.lang}`];
  return text ? h("p", { class: "muted" }, `${text.charAt(0).toUpperCase()}${text.slice(1)}.`) : null;
}

/** What the drawing shows, for those who cannot see it: a dozen samples. */
function figures(columns) {
  const every = Math.max(1, Math.ceil(columns.length / ROWS));
  const kept = columns.filter((one, place) => place % every === 0 || place === columns.length - 1);
  const heads = ["profile_axis_km", "profile_column_ground", "profile_column_sight", "profile_column_fresnel", "profile_column_clearance"];
  const rows = kept.map((one) => h("tr", {}, h("th", { scope: "row" }, number(one.km, 2)),
    [one.ground, one.line, one.fresnel, one.clearance].map((value) => h("td", {}, number(value, 1).replace("-", "−")))));
  const table = h("table", { class: "side" }, h("caption", { class: "visually-hidden" }, t("profile_table")),
    h("thead", {}, h("tr", {}, heads.map((key) => h("th", { scope: "col" }, t(key))))), h("tbody", {}, rows));
  return h("details", {}, h("summary", {}, t("profile_table")), table);
}
