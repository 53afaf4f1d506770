// The chosen spot: its levels by operator, the serving station and the path to it, its commune and gap.

import { address, config, date, fill, h, number, operatorName, t } from "../base.js";
import { share } from "../data.js";
import { map } from "../sides.js";
import { choose, state } from "../state.js";
import { drawProfile } from "./profile.js";

const box = document.getElementById("point");
const GENTLE = { block: "nearest" };
let mark = null;
let told = "";

/** Position of the address: [lat, lon], or null. */
function position() {
  const parts = state.point.split("/").map(Number);
  return parts.length === 2 && parts.every(Number.isFinite) && Math.abs(parts[0]) < 85 ? parts : null;
}

/** Tell of the chosen spot in the chosen view; nothing where none is chosen. */
export async function drawPoint() {
  const at = position();
  const key = [state.point, state.technology, state.operator, state.profile].join("|");
  if (key === told) return;
  told = key;
  drawMark(at);
  box.hidden = !at;
  if (!at) return fill(box);
  if (!box.firstChild) fill(box, heading(at), h("p", { class: "muted" }, t("point_looking")));
  const [lat, lon] = at;
  const answer = await ask("/point", { lon, lat });
  if (told !== key) return;
  if (answer.detail) fill(box, heading(at), h("p", { class: "notice" }, answer.detail));
  else await draw(at, answer, key);
}

/** An answer, or the problem that the server tells of: a spot beside the map is no fault of the page. */
async function ask(path, parameters) {
  const response = await fetch(address(path, parameters), { headers: { "Accept-Language": config.language } });
  return response.json();
}

function drawMark(at) {
  mark?.remove();
  mark = at && L.circleMarker(at, { pane: "spot", interactive: false, radius: 8, color: "#111111", weight: 3, fillColor: "#ffffff", fillOpacity: 0.9 }).addTo(map);
}

async function draw(at, answer, key) {
  const levels = answer.levels.filter((one) => one.technology === state.technology);
  const chosen = levels.find((one) => one.operator === state.operator) ?? levels.find((one) => one.operator === "any");
  const path = chosen?.serving ? await ask("/point/profile", { lon: at[1], lat: at[0], technology: state.technology, operator: chosen.operator }) : null;
  if (told !== key) return;
  fill(
    box,
    heading(at),
    h("p", { class: "muted" }, where(answer)),
    levels.length ? table(levels) : null,
    answer.technologies.filter((one) => one.open && one.technology === state.technology).map(open),
    answer.gaps.filter((one) => one.technology === state.technology).map(gap),
    chosen ? server(chosen) : null,
    path && !path.detail ? drawProfile(path) : null,
  );
  box.scrollIntoView(GENTLE);
}

function heading([lat, lon]) {
  const title = t("point_title", { lat: number(lat, 4), lon: number(lon, 4) });
  const close = h("button", { type: "button", class: "close", "aria-label": t("close"), onclick: () => choose({ point: "" }) }, "×");
  return h("div", { class: "row" }, h("h2", {}, title), close);
}

function where({ commune, inside_province: inside, point }) {
  if (!inside || !commune) return t("point_outside");
  const name = [commune.type, commune.name].filter(Boolean).join(" ");
  const found = share(state, commune.code);
  const link = h("button", { type: "button", class: "link", onclick: () => choose({ commune: commune.code }) }, name);
  const ground = point.ground_m === null || point.ground_m === undefined ? null : `; ${t("point_ground", { m: number(point.ground_m) })}`;
  return found || commune.code ? [link, ground] : [name, ground];
}

function table(levels) {
  const heads = ["operator", "point_level", "point_class"].map((key) => h("th", { scope: "col" }, t(key)));
  const rows = levels.map((one) => h("tr", { class: one.operator === state.operator ? "current" : null },
    h("th", { scope: "row" }, operatorName(one.operator)), h("td", {}, level(one)), h("td", {}, covered(one))));
  return h("table", { class: "side levels" }, h("caption", { class: "visually-hidden" }, t("point_levels", state)), h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

function level(one) {
  return config.gives_level[one.technology] ? number(one.level_dbm).replace("-", "−") : t("none");
}

function covered(one) {
  const found = one.profiles.find((each) => each.profile === state.profile);
  if (!found || found.covered === null) return t("none");
  if (!found.covered) return h("span", { class: "loud" }, t("point_not_covered"));
  const name = found[`class_${config.language}`];
  return name || t("legend_reached");
}

function open(one) {
  return h("p", { class: "notice" }, t("point_open", { why: one[`why_${config.language}`] }));
}

function gap(one) {
  const query = new URLSearchParams({ lang: config.language, gap: one.id, snapshot: config.snapshot });
  const text = t("point_gap", { technology: one.technology, area: number(one.area_km2, one.area_km2 < 10 ? 1 : 0), people: number(one.people) });
  return h("p", { class: "notice" }, text, " · ", h("a", { href: `/maps/gaps?${query}#${one.id}` }, t("gap_page")));
}

function server({ serving, level_dbm: level_ }) {
  if (!config.positions) return h("p", { class: "muted" }, t("point_sign_in"));
  if (!serving) return level_ === null ? null : h("p", { class: "muted" }, t("point_no_server", state));
  return h("p", {}, t("point_server", {
    station: serving.station_id, operator: serving.operator, km: number(serving.distance_km, 1),
    azimuth: number(serving.azimuth_deg), height: number(serving.height_m),
  }), serving.on_air ? ` · ${t("on_air", { date: date(serving.on_air) })}` : null);
}
