// Comparing: a divider over the map between two sides; of two dates the older one is to its left.

import { config, date, fill, h, operatorName, t } from "../base.js";
import { map, otherView, panesOf, sides } from "../sides.js";
import { choose, note, state } from "../state.js";

const STEP = 2;
const LEAP = 10;
const FAR = 1e6;
let divider = null;
let cutPanes = [];

/** Names of both sides from the left, as a reader knows them. */
export function sideNames() {
  const other = otherView();
  if (!other) return null;
  const views = sides().map((side) => side.view());
  if (other.snapshot) return views.map(({ snapshot }) => dateName(snapshot ?? config.snapshot));
  return views.map((view) => (other.technology ? view.technology : operatorName(view.operator)));
}

function dateName(id) {
  const twice = config.dates.filter((one) => one.as_of === config.as_of).length > 1;
  const { as_of: day } = config.dates.find((one) => one.id === id);
  return twice ? `${date(day)} (${id.split("-").at(-1).slice(0, 6)})` : date(day);
}

/** Choices of what to compare with: [title, [[value, text], ...]]. */
function choices() {
  const dates = config.dates.filter((one) => one.id !== config.snapshot).map((one) => [`date:${one.id}`, date(one.as_of)]);
  const operators = config.operators[state.technology].filter((one) => one !== state.operator);
  const technologies = Object.keys(config.operators).filter((one) => one !== state.technology);
  return [
    ["compare_dates", dates],
    ["compare_operators", operators.map((one) => [`operator:${one}`, operatorName(one)])],
    ["compare_technologies", technologies.map((one) => [`technology:${one}`, one])],
  ].filter(([, options]) => options.length);
}

/** Draw the choice of what to compare with, and the divider where something is compared. */
export function drawSwipe() {
  drawChoice(document.getElementById("compare"));
  const names = sideNames();
  if (!names) return stop();
  divider ??= makeDivider();
  fill(divider, h("span", { class: "side-name left" }, names[0]), h("span", { class: "grip", "aria-hidden": "true" }, "⇔"), h("span", { class: "side-name right" }, names[1]));
  divider.setAttribute("aria-label", t("compare_split", { left: names[0], right: names[1] }));
  clip();
}

function drawChoice(select) {
  const groups = choices().map(([title, options]) => h("optgroup", { label: t(title) },
    options.map(([value, text]) => h("option", { value, selected: state.compare === value }, text))));
  fill(select, h("option", { value: "", selected: !state.compare }, t("compare_none")), groups);
  select.onchange = () => choose({ compare: select.value });
}

function makeDivider() {
  const element = h("div", { class: "divider", role: "slider", tabindex: 0, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100, onkeydown: press, onpointerdown: grab });
  map.getContainer().append(element);
  L.DomEvent.disableClickPropagation(element);
  L.DomEvent.on(element, "keydown", L.DomEvent.stopPropagation);
  map.on("move zoomend resize viewreset", clip);
  return element;
}

function stop() {
  divider?.remove();
  divider = null;
  map.off("move zoomend resize viewreset", clip);
  for (const name of cutPanes) map.getPane(name).style.clipPath = "";
  cutPanes = [];
}

function moveTo(share) {
  note({ split: String(Math.round(Math.min(100, Math.max(0, share)))) });
  clip();
}

/** Where the divider stands on the ground. */
export function cutAt() {
  const { x, y } = map.getSize();
  return map.containerPointToLatLng([(x * Number(state.split)) / 100, y / 2]);
}

/** Bring the divider to a place on the ground, however the map's frame has changed. */
export function cutTo(place) {
  if (!divider) return;
  note({ split: String((100 * map.latLngToContainerPoint(place).x) / map.getSize().x) });
  clip();
}

function press(event) {
  const step = { ArrowLeft: -STEP, ArrowRight: STEP, ArrowDown: -STEP, ArrowUp: STEP, PageDown: -LEAP, PageUp: LEAP, Home: -100, End: 100 }[event.key];
  if (!step) return;
  event.preventDefault();
  moveTo(Number(state.split) + step);
}

function grab(event) {
  event.preventDefault();
  divider.focus();
  divider.setPointerCapture(event.pointerId);
  divider.onpointermove = ({ clientX }) => {
    const frame = map.getContainer().getBoundingClientRect();
    moveTo((100 * (clientX - frame.left)) / frame.width);
  };
  divider.onpointerup = () => { divider.onpointermove = null; };
}

/** Cut each side's panes at the divider; panes move with the map, so the cut is told in their own pixels. */
function clip() {
  const compared = sides();
  if (!divider || compared.length < 2) return;
  const cut = map.containerPointToLayerPoint([(map.getSize().x * Number(state.split)) / 100, 0]).x;
  divider.style.left = `${state.split}%`;
  divider.setAttribute("aria-valuenow", state.split);
  divider.setAttribute("aria-valuetext", `${state.split} %`);
  const [first, second] = compared.map(panesOf);
  for (const name of first) map.getPane(name).style.clipPath = box(-FAR, cut);
  for (const name of second) map.getPane(name).style.clipPath = box(cut, FAR);
  cutPanes = [...first, ...second];
}

function box(from, to) {
  return `polygon(${from}px ${-FAR}px, ${to}px ${-FAR}px, ${to}px ${FAR}px, ${from}px ${FAR}px)`;
}
