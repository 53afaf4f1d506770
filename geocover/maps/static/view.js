// The switches: technology, operator, definition of "covered", basis.

import { config, fill, h, operatorName, profileTitle, t } from "./base.js";
import { choose, state } from "./state.js";

function switches(name, label, options) {
  const buttons = options.map(([value, text]) =>
    h("button", { type: "button", "aria-pressed": String(state[name] === value), onclick: () => pressed(name, value) }, text),
  );
  return h("div", { class: "field" }, h("span", { class: "label", id: `label-${name}` }, label),
    h("div", { class: "switch", role: "group", "aria-labelledby": `label-${name}`, "data-name": name }, buttons));
}

function pressed(name, value) {
  choose({ [name]: value });
  document.querySelector(`.switch[data-name="${name}"] [aria-pressed="true"]`)?.focus();
}

function picker(name, label, options) {
  const select = h("select", { id: `pick-${name}`, onchange: (event) => picked(name, event.target.value) },
    options.map(([value, text]) => h("option", { value, selected: state[name] === value }, text)));
  return h("div", { class: "field" }, h("label", { for: `pick-${name}`, class: "label" }, label), select);
}

function picked(name, value) {
  choose({ [name]: value });
  document.getElementById(`pick-${name}`)?.focus();
}

/** Draw the switches for the view. */
export function drawSwitches() {
  const technologies = Object.keys(config.operators).sort();
  const profiles = Object.keys(config.profiles).filter((name) => config.profiles[name].technology === state.technology);
  const operators = config.operators[state.technology];
  fill(
    document.getElementById("view"),
    switches("technology", t("technology"), technologies.map((one) => [one, one])),
    switches("basis", t("basis"), ["area", "population"].map((one) => [one, t(one)])),
    picker("operator", t("operator"), operators.map((one) => [one, operatorName(one)])),
    picker("profile", t("profile"), profiles.map((one) => [one, profileTitle(one)])),
  );
}
