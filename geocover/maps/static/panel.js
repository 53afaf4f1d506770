// The figures beside the map: the view's own, the province's beside the reported ones, and a commune's.

import { address, config, date, fetchJson, fill, h, number, operatorName, percent, profileTitle, range, t } from "./base.js";
import { restsOn, seriesOf, share } from "./data.js";
import { capital, gapText, placeSign, verdictText, zoomToPoint } from "./layers.js";
import { choose, state } from "./state.js";

const UNITS = { area: "km²", population: () => t("people"), places: () => t("places_unit"), stations: () => t("stations_unit") };

function unit(basis) {
  const found = UNITS[basis];
  return typeof found === "function" ? found() : found;
}

function counted(basis, covered, total) {
  return `${number(covered)} ${t("of")} ${number(total)} ${unit(basis)}`;
}

/** A figure's name as the link to what it means. */
function defined(title, key) {
  return h("a", { class: "define", href: `${pageOf("/method")}#${key.replace(":", "-")}` }, title);
}

/** How a definition of "covered" reads. */
function definition(name) {
  const profile = config.profiles[name];
  const parts = [t("definition", { min: number(profile.min_rsrp_dbm).replace("-", "−"), share: percent(profile.reliability, 0) })];
  if (profile.indoor_loss_db > 0) parts.push(t("indoors", { loss: number(profile.indoor_loss_db) }));
  parts.push(`${t("model")} ${config.models[profile.technology]}`);
  return `${profileTitle(name)}: ${parts.join(", ")}`;
}

/** The view's figure of the whole province. */
export function drawHeadline() {
  const one = seriesOf(state);
  if (!one?.province) return fill(document.getElementById("headline"), h("p", { class: "muted" }, t("legend_none")));
  const { share: value, share_low: low, share_high: high, share_expected: mean, covered, total, rests_on: known } = one.province;
  fill(
    document.getElementById("headline"),
    h("h2", {}, defined(`${state.technology} ${t(`by_${state.basis}`)}`, `${state.basis}-share`)),
    h("p", { class: "big" }, percent(value), h("span", { class: "interval", title: t("interval") }, ` (${range(low, high)})`)),
    h("p", { class: "muted" }, `${t("province")}: ${counted(state.basis, covered, total * known)}. ${operatorName(state.operator)}.`),
    expectation(mean, "expected"),
    basisLine(state.basis, known),
    h("details", {}, h("summary", {}, t("how")),
      h("p", {}, `${definition(state.profile)}.`),
      h("p", {}, `${t("interval")}: ${t("interval_level", { error: number(config.profiles[state.profile].level_error_db) })}${known < 1 ? t("interval_open") : ""}.`),
      h("p", {}, t("expected_long")),
      h("p", {}, facts(one.evidence, one.assumed_share))),
  );
}

/** The expected share of locations, small below the figure. */
function expectation(mean, words = "expected_short") {
  return mean === null ? null : h("p", { class: "muted" }, t(words, { share: percent(mean) }));
}

/** What the figure rests on, where terrain is missing for a part. */
function basisLine(basis, known) {
  if (known === null || known >= 1) return null;
  const text = known > 0 ? t(`rests_on_${basis}`, { share: percent(known) }) : t("rests_on_nothing");
  return h("p", { class: "rests-on" }, text);
}

function facts(evidence, assumed) {
  const parts = [t(`evidence_${evidence}`)];
  if (assumed !== null) parts.push(t("assumed", { share: percent(assumed, 0) }));
  parts.push(t("as_of", { date: date(config.as_of) }), `${t("digest")} ${config.snapshot}`);
  return `${capital(parts.join("; "))}.`;
}

/** The province's figures, each beside the reported one and the change since the snapshot before. */
export async function drawFigures() {
  const earlierAnswer = config.previous ? fetchJson(`/figures?snapshot=${config.previous.id}`) : { figures: [] };
  const [answer, before, trend] = await Promise.all([fetchJson(address("/figures")), earlierAnswer, loadTrend()]);
  const earlier = new Map(before.figures.map((one) => [`${one.key}|${one.technology}`, one]));
  const items = answer.figures.map((one) => figure(one, earlier.get(`${one.key}|${one.technology}`), trend(one)));
  fill(document.getElementById("figures"), h("h2", {}, t("figures")), h("p", { class: "muted" }, `${t("figures_note")}.`), h("dl", {}, items));
}

function value(one, of = one.value) {
  return one.unit === "%" ? percent(of === null ? null : of / 100) : number(of);
}

function figure(one, before, line) {
  const places = one.basis === "places";
  const main = places ? `${number(one.numerator)}/${number(one.denominator)}` : value(one);
  const interval = one.low === null ? null : h("span", { class: "interval" }, ` (${bounds(one, places)})`);
  return h(
    "div",
    { class: "figure", "data-technology": one.technology },
    h("dt", {}, defined(one[`title_${config.language}`], one.key)),
    h("dd", {},
      h("div", { class: "pair" },
        h("div", {}, h("span", { class: "value" }, main), interval),
        h("div", { class: "trend" }, line, change(one, before))),
      reported(one),
      basisLine(one.basis, one.rests_on),
      h("div", { class: "notes" }, one.expected === null ? null : expectation(one.expected / 100), explained(one))),
  );
}

const FEW_DATES = 3;

/** Give what draws a figure's trend: nothing before there are three dates. */
async function loadTrend() {
  if (document.querySelectorAll("#date option").length < FEW_DATES) return () => null;
  const answer = await fetchJson(`/history?${new URLSearchParams({ operator: "any" })}`);
  const dates = answer.dates.map((one) => one.as_of);
  return (one) => sparkline(one, answer.series.find((line) => isOf(line, one)), dates);
}

function isOf(line, one) {
  return line.key === one.key && line.technology === one.technology && line.profile === one.profile;
}

const SPARK = { width: 72, height: 22, edge: 3 };

/** A small line of a figure over the dates up to the page's; its values are told to screen readers. */
function sparkline(one, line, dates) {
  const points = (line?.value ?? []).map((at, place) => [dates[place], at]).filter(([day, at]) => at !== null && day <= config.as_of);
  if (points.length < FEW_DATES) return null;
  const values = points.map(([, at]) => at);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (place) => SPARK.edge + (place / (points.length - 1)) * (SPARK.width - 2 * SPARK.edge);
  const y = (at) => SPARK.edge + (high > low ? (high - at) / (high - low) : 0.5) * (SPARK.height - 2 * SPARK.edge);
  const path = values.map((at, place) => `${x(place).toFixed(1)},${y(at).toFixed(1)}`);
  const told = points.map(([day, at]) => `${date(day)} ${value(one, at)}`).join(", ");
  return drawn(path, t("trend", { title: one[`title_${config.language}`], values: told }));
}

function drawn(path, label) {
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, text] of Object.entries(attributes)) element.setAttribute(name, text);
    return element;
  };
  const picture = make("svg", { class: "spark", width: SPARK.width, height: SPARK.height, role: "img", "aria-label": label });
  const [cx, cy] = path.at(-1).split(",");
  picture.append(make("polyline", { points: path.join(" ") }), make("circle", { cx, cy, r: 2.5 }));
  return picture;
}

function bounds(one, places) {
  if (!places) return range(one.low / 100, one.high / 100);
  const [low, high] = [one.low, one.high].map((bound) => number((bound / 100) * one.denominator));
  return low === high ? low : `${low}–${high}`;
}

function change(one, before) {
  if (!before || before.value === null || one.value === null) return null;
  const [step, size] = one.basis === "places" ? stepOfPlaces(one, before) : stepOf(one, before.value);
  const text = step === 0 ? t("unchanged") : `${step > 0 ? "▲" : "▼"} ${size}`;
  return h("span", { class: "change" }, `${text} ${t("since")} ${date(config.previous.as_of)}`);
}

/** How many more or fewer places there are than before, and in words. */
function stepOfPlaces(one, before) {
  const step = one.numerator - before.numerator;
  const kind = one.key.replace("reach:", "");
  const [key, count] = [`count_${kind}`, number(Math.abs(step))];
  return [step, key in config.text ? t(key, { count }) : `${count} ${t("places_unit")}`];
}

/** How far a figure is from another value of it, and in words; of shares the two as they are shown. */
function stepOf(one, other) {
  if (one.unit !== "%") return [one.value - other, number(Math.abs(one.value - other))];
  const step = tenths(one.value) - tenths(other);
  return [step, `${number(Math.abs(step) / 10, 1)} ${t("points")}`];
}

/** A percentage as it is shown, in tenths. */
function tenths(of) {
  return Number(percent(of / 100).replace(/\D/g, ""));
}

function reported(one) {
  if (one.reported === null) return null;
  const told = `${t("reported")}: ${value(one, one.reported)}`;
  if (one.difference === null) return h("div", { class: "reported" }, told);
  const [step, size] = stepOf(one, one.reported);
  const by = `${step > 0 ? "+" : step < 0 ? "−" : ""}${size}${one.unit === "%" ? "" : ` ${unit("stations")}`}`;
  // Beside a count stands the share that the reported one is compared with.
  const ours = one.basis === "places" ? ` · ${t("computed").toLowerCase()}: ${value(one)}` : "";
  return h("div", { class: "reported" }, `${told}${ours} · ${t("difference")} ${by}`);
}

function explained(one) {
  const of = one.denominator === null ? null : one.denominator * (one.rests_on ?? 1);
  const what = of === null ? null : h("p", {}, `${counted(one.basis, one.numerator, of)}.`);
  const why = one[`why_${config.language}`];
  return h("details", {}, h("summary", {}, t("how")), what,
    one.profile ? h("p", {}, `${definition(one.profile)}.`) : null,
    one.reported_source ? h("p", {}, `${t("reported")}: ${one.reported_source}.`) : null,
    why ? h("p", {}, `${t("why")}: ${why}.`) : null,
    one.expected === null ? null : h("p", {}, t("expected_long")),
    h("p", {}, facts(one.evidence, one.assumed_share)));
}

/** The chosen commune: every operator side by side, its places and gaps. */
export async function drawCommune() {
  const section = document.getElementById("commune");
  const code = state.commune;
  section.hidden = !code;
  if (!code) return fill(section);
  const answer = await fetchJson(address(`/communes/${encodeURIComponent(code)}/coverage`));
  if (code !== state.commune) return;
  const { commune } = answer;
  fill(
    section,
    h("div", { class: "row" }, h("h2", {}, [commune.type, commune.name].filter(Boolean).join(" ")),
      h("button", { type: "button", class: "close", "aria-label": t("close"), onclick: () => choose({ commune: "" }) }, "×")),
    h("p", { class: "muted" }, [commune.code, `${number(commune.area_km2, 1)} km²`, `${number(commune.population)} ${t("people")}`].join(" · ")),
    h("p", {}, h("a", { href: communePage(commune.code) }, t("commune_page", { commune: [commune.type, commune.name].filter(Boolean).join(" ") }))),
    operatorTable(code),
    expectation(share(state, code)?.expected ?? null),
    basisLine(state.basis, restsOn(state, code)),
    placeList(answer.places),
    gapList(answer.gaps, restsOn({ ...state, operator: "any", basis: "area" }, code)),
  );
}

/** Address of another page in this language and of this date. */
function pageOf(path, more = {}) {
  return `${path}?${new URLSearchParams({ lang: config.language, ...more, snapshot: config.snapshot })}`;
}

function communePage(code) {
  return pageOf(`/maps/commune/${encodeURIComponent(code)}`);
}

function operatorTable(code) {
  const rows = config.operators[state.technology].map((operator) => {
    const cells = ["area", "population"].map((basis) => h("td", {}, cell(share({ ...state, operator, basis }, code))));
    return h("tr", { class: operator === state.operator ? "current" : null }, h("th", { scope: "row" }, operatorName(operator)), cells);
  });
  const head = h("tr", {}, h("th", { scope: "col" }, profileTitle(state.profile)), ["area", "population"].map((one) => h("th", { scope: "col" }, t(one))));
  return h("table", { class: "side" }, h("caption", { class: "visually-hidden" }, t("operators_side")), h("thead", {}, head), h("tbody", {}, rows));
}

function cell(found) {
  if (!found) return t("none");
  return [percent(found.share), h("span", { class: "interval" }, range(found.low, found.high))];
}

function placeList(places) {
  const view = places.filter((one) => one.profile === state.profile && one.operator === state.operator);
  if (!view.length) return null;
  const items = view.map((one) => h("li", {}, placeSign(one), ` ${one.name}: ${verdictText(one, state.technology)}`));
  return [h("h3", {}, t("commune_places")), h("ul", { class: "plain" }, items)];
}

/** Gaps of a commune; where terrain is missing, none may have been found because nobody can say. */
function gapList(gaps, known) {
  const view = gaps.filter((one) => one.technology === state.technology);
  const min = number(config.min_gap_km2, 1);
  const title = h("h3", {}, `${t("commune_gaps")} ${state.technology}`);
  const none = known === 0 ? "gaps_unknown" : known < 1 ? "no_gaps_known" : "no_gaps";
  if (!view.length) return [title, h("p", { class: "muted" }, t(none, { technology: state.technology, min }))];
  const items = view.slice(0, 5).map((one) =>
    h("li", {}, gapText(one), " ", h("button", { type: "button", class: "link", onclick: () => zoomToPoint(one.lat, one.lon) }, t("zoom_to")), " · ",
      h("a", { href: `${pageOf("/maps/gaps", { gap: one.id })}#${one.id}` }, t("gap_page"))));
  return [title, h("ul", { class: "plain" }, items)];
}

/** What the page says of its data, and where to get them. */
export function drawAbout() {
  fill(
    document.getElementById("about"),
    notices().map((line) => h("p", { class: "notice" }, line)),
    h("p", {}, h("a", { href: "#table" , onclick: toTable }, `${t("to_table")} ↓`)),
    h("p", {}, h("a", { href: pageOf("/downloads") }, t("downloads"))),
  );
}

/** Notices of made-up data, and the scenario's note: in the place of the notice that it begins like. */
function notices() {
  const marks = ["illustrative", "schematic"].filter((name) => config[name]);
  const mark = `${t("illustrative")}:`;
  const special = config.illustrative && config.note?.startsWith(mark);
  const lines = marks.map((name) => t(`${name}_long`));
  if (special) lines[0] = t("illustrative_note", { what: unsaid(config.note.slice(mark.length), marks) });
  return special || !config.note ? lines : [...lines, config.note];
}

/** The parts of a note that no mark says. */
function unsaid(note, marks) {
  const said = marks.map((name) => t(name).toLowerCase());
  const parts = note.trim().replace(/\.$/, "").split(/[,;]\s*/);
  return parts.filter((part) => !said.includes(part.toLowerCase())).join(", ");
}

function toTable(event) {
  event.preventDefault();
  document.getElementById("table").scrollIntoView();
}
