// The answers that more than one part of the page reads.

import { address, config, fetchJson } from "./base.js";
import { outdoor } from "./state.js";

const SERIES = ["technology", "profile", "operator", "basis"];
const indexes = new Map();
const asked = new Map();

/** Communes of the map: features by code, in the order of the codes. */
export async function loadCommunes(snapshot) {
  return fetchJson(address("/communes", { detail: "map" }, snapshot));
}

/** Shares of all communes, found by `share`: by the definitions shown at first and one more, of another snapshot by all. */
export async function loadShares(snapshot = config.snapshot, profile = null) {
  if (snapshot !== config.snapshot) return once(`${snapshot}|`, () => fetchShares(snapshot, {}));
  if (config.shares) return once("held", async () => keep(snapshot, config.shares)); // a page with one view brings it along
  const wanted = new Set(Object.keys(config.operators).map(outdoor));
  if (profile) wanted.add(profile);
  return Promise.all([...wanted].map((one) => once(`${snapshot}|${one}`, () => fetchShares(snapshot, { profile: one, detail: "map" }))));
}

/** Do something once; what failed may be tried again. */
function once(key, make) {
  if (!asked.has(key)) asked.set(key, make().catch((error) => { asked.delete(key); throw error; }));
  return asked.get(key);
}

async function fetchShares(snapshot, query) {
  keep(snapshot, await fetchJson(address("/shares", query, snapshot)));
}

function keep(snapshot, answer) {
  const index = indexes.get(snapshot) ?? { rows: new Map(answer.codes.map((code, row) => [code, row])), series: new Map() };
  for (const one of answer.series) index.series.set(SERIES.map((name) => one[name]).join("|"), one);
  indexes.set(snapshot, index);
}

function indexOf(view) {
  return indexes.get(view.snapshot ?? config.snapshot);
}

/** The series of a view, or undefined. */
export function seriesOf(view) {
  return indexOf(view)?.series.get(SERIES.map((name) => view[name]).join("|"));
}

/** Share of a commune in a view with its interval, numerator and denominator; null where unknown. */
export function share(view, code) {
  const one = seriesOf(view);
  const row = indexOf(view)?.rows.get(code);
  if (!one || row === undefined || one.share[row] === null) return null;
  return {
    share: one.share[row],
    low: one.share_low[row],
    high: one.share_high[row],
    expected: one.share_expected[row],
    covered: one.covered[row],
    total: one.total[row],
  };
}

/** Part of a commune's area or people that is known in a view, the rest lacking terrain; null where unknown. */
export function restsOn(view, code) {
  const row = indexOf(view)?.rows.get(code);
  return (row === undefined ? null : seriesOf(view)?.rests_on[row]) ?? null;
}

/** Gaps of a technology. */
export async function loadGaps(technology, snapshot) {
  return fetchJson(address("/gaps", { technology, detail: "map" }, snapshot));
}
