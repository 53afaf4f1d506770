// The answers that more than one part of the page reads.

import { address, fetchJson } from "./base.js";

const SERIES = ["technology", "profile", "operator", "basis"];
let index = null;

/** Communes of the map: features by code, in the order of the codes. */
export async function loadCommunes() {
  return fetchJson(address("/communes", { detail: "map" }));
}

/** Shares of all communes and views, found by `share`. */
export async function loadShares() {
  if (index) return index;
  const answer = await fetchJson(address("/shares"));
  const rows = new Map(answer.codes.map((code, row) => [code, row]));
  const series = new Map(answer.series.map((one) => [SERIES.map((name) => one[name]).join("|"), one]));
  index = { rows, series };
  return index;
}

/** The series of a view, or undefined. */
export function seriesOf(view) {
  return index?.series.get(SERIES.map((name) => view[name]).join("|"));
}

/** Share of a commune in a view with its interval, numerator and denominator; null where unknown. */
export function share(view, code) {
  const one = seriesOf(view);
  const row = index?.rows.get(code);
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
  const row = index?.rows.get(code);
  return (row === undefined ? null : seriesOf(view)?.rests_on[row]) ?? null;
}

/** Gaps of a technology. */
export async function loadGaps(technology) {
  return fetchJson(address("/gaps", { technology }));
}
