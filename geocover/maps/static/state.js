// What is being looked at, kept in the address after "#", so that a link and the back button bring it back.

import { config } from "./base.js";

const listeners = [];

/** The definition of "covered" that a technology starts with. */
export function outdoor(technology) {
  const names = Object.keys(config.profiles).filter((name) => config.profiles[name].technology === technology);
  return names.find((name) => config.profiles[name].indoor_loss_db === 0) ?? names[0];
}

function defaults() {
  const technology = Object.keys(config.operators).sort()[0];
  return {
    technology, operator: "any", profile: outdoor(technology), basis: "area", commune: "", at: "", layers: "",
    opacity: "80", point: "", compare: "", split: "50",
  };
}

/** Make a view possible: a profile and an operator of the technology, known names only. */
function repaired(wanted) {
  const view = { ...defaults(), ...wanted };
  if (!(view.technology in config.operators)) view.technology = defaults().technology;
  if (config.profiles[view.profile]?.technology !== view.technology) view.profile = outdoor(view.technology);
  if (!config.operators[view.technology].includes(view.operator)) view.operator = "any";
  if (view.basis !== "population") view.basis = "area";
  if (!comparable(view)) view.compare = "";
  for (const name of ["opacity", "split"]) view[name] = percentage(view[name], defaults()[name]);
  return view;
}

/** Whether there is what the view is to be compared with, and it is something else. */
function comparable(view) {
  const [kind, ...rest] = view.compare.split(":");
  const value = rest.join(":");
  if (kind === "date") return value !== config.snapshot && config.dates.some((one) => one.id === value);
  if (kind === "operator") return value !== view.operator && config.operators[view.technology].includes(value);
  return kind === "technology" && value !== view.technology && value in config.operators;
}

function percentage(text, otherwise) {
  const value = Number(text);
  return text !== "" && value >= 0 && value <= 100 ? String(value) : otherwise;
}

/** The address tells the view, unless the page around the map does (`config.view`). */
function fromAddress() {
  if (config.view) return repaired(config.view);
  return repaired(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
}

export let state = fromAddress();

function write(push) {
  if (config.view) return;
  const standard = defaults();
  const shown = Object.entries(state).filter(([name, value]) => value && value !== standard[name]);
  const kept = shown.filter(([name]) => name in standard);
  const hash = kept.length ? `#${new URLSearchParams(kept)}` : "";
  const url = location.pathname + location.search + hash;
  if (push) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

/** Change the view by hand: a step of the back button. */
export function choose(change) {
  state = repaired({ ...state, ...change });
  write(true);
  announce(change);
}

/** Note the position or the layers: no step of the back button. */
export function note(change) {
  state = { ...state, ...change };
  write(false);
}

/** Call back whenever the view changes. */
export function onChange(listener) {
  listeners.push(listener);
}

function announce(change) {
  for (const listener of listeners) listener(state, change);
}

function back() {
  const before = state;
  state = fromAddress();
  const changed = Object.fromEntries(Object.entries(state).filter(([name, value]) => before[name] !== value));
  announce(changed);
}

window.addEventListener("popstate", back);
