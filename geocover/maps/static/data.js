// The answers that more than one part of the page reads.

import { address, config, fetchJson } from "./base.js";

const SERIES = ["technology", "profile", "operator", "basis"];
const indexes = new Map();

/** Communes of the map: features by code, in the order of the codes. */
export async function loadCommunes(snapshot) {
  return fetchJson(address("/communes", { detail: "map" }, snapshot));
}

/** Shares of all communes and views, found by `share`. */
export async function loadShares(snapshot = config.snapshot) {
  if (indexes.has(snapshot)) return;
  const held = snapshot === config.snapshot ? config.shares : undefined; // a page with one view brings it along
  const answer = held ?? (await fetchJson(address("/shares", {}, snapshot)));
  const rows = new Map(answer.codes.map((code, row) => [code, row]));
  const series = new Map(answer.series.map((one) => [SERIES.map((name) => one[name]).join("|"), one]));
  indexes.set(snapshot, { rows, series });
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
  return fetchJson(address("/gaps", { technology }, snapshot));
}
