// The strip above the map: compare, copy the link, print, save a picture.

import { config, h, t } from "../base.js";
import { spot } from "../layers.js";
import { map } from "../sides.js";
import { note, state } from "../state.js";
import { drawSwipe } from "./swipe.js";

const said = document.getElementById("tools-said");

/** Address of exactly this view: language and snapshot too, and the position even where it is the usual one. */
function permalink() {
  const { lat, lng } = map.getCenter();
  note({ at: `${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}` });
  const query = new URLSearchParams({ lang: config.language, snapshot: config.snapshot });
  return `${location.origin}${location.pathname}?${query}${location.hash}`;
}

async function copyLink() {
  const link = permalink();
  try {
    await navigator.clipboard.writeText(link);
    say(t("link_copied"));
  } catch {
    say(t("link_shown"), link);
  }
}

/** Say what was done; a text to be copied stands in a field. */
function say(text, copied = "") {
  said.textContent = text;
  if (!copied) return;
  const field = document.createElement("input");
  Object.assign(field, { value: copied, readOnly: true, ariaLabel: text });
  said.append(" ", field);
  field.select();
}

async function print() {
  const { printSheet } = await import("./sheet.js");
  await printSheet(document.getElementById("paper").value);
}

async function savePicture() {
  say(t("picture_working"));
  const { picture, pictureName } = await import("./picture.js");
  const blob = await picture();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = pictureName();
  link.click();
  URL.revokeObjectURL(link.href);
  say(t("picture_saved", { name: link.download }));
}

/** A button that cannot be pressed twice while it works. */
function button(id, work) {
  const element = document.getElementById(id);
  element.addEventListener("click", async () => {
    element.setAttribute("aria-disabled", "true");
    if (element.dataset.busy) return;
    element.dataset.busy = "true";
    try {
      await work();
    } finally {
      delete element.dataset.busy;
      element.removeAttribute("aria-disabled");
    }
  });
}

/** The middle of the map for those who use the keyboard: a cross while the map has the focus, Enter chooses. */
function startCross() {
  const frame = map.getContainer();
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", t("map_help"));
  frame.append(h("div", { class: "cross", "aria-hidden": "true" }));
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== frame) return;
    event.preventDefault();
    spot(map.getCenter());
  });
}

/** Start the strip and the cross. */
export function startTools() {
  button("copy-link", copyLink);
  button("print-map", print);
  button("save-picture", savePicture);
  startCross();
}

/** Bring the tools to the view. */
export async function drawTools() {
  drawSwipe();
  if (!state.point && document.getElementById("point").hidden) return;
  const { drawPoint } = await import("./point.js");
  await drawPoint();
}
