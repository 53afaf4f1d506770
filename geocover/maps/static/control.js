// The layer control: words in the page's language, folded away on narrow screens, usable by keyboard.

import { h, t } from "./base.js";
import { drawFader, fadeRasters } from "./rasters.js";
import { map, sides } from "./sides.js";

const EXPANDED = "leaflet-control-layers-expanded";

/** Name the control; where the screen is narrow, fold it behind its button. */
export function startControl(narrow) {
  const control = map.getContainer().querySelector(".leaflet-control-layers");
  const button = control.querySelector(".leaflet-control-layers-toggle");
  control.removeAttribute("aria-haspopup");
  control.setAttribute("role", "group");
  control.setAttribute("aria-label", t("layers"));
  button.title = t("layers");
  button.setAttribute("aria-label", t("layers"));
  nameZoom();
  startFader(control);
  if (narrow) startFolding(control, button);
}

function startFader(control) {
  const box = h("div", { class: "fader" });
  const draw = () => drawFader(box, () => fadeRasters(sides()));
  control.querySelector(".leaflet-control-layers-list").append(box);
  L.DomEvent.disableClickPropagation(box);
  map.on("overlayadd overlayremove", draw);
  draw();
}

function startFolding(control, button) {
  const fold = () => control.classList.remove(EXPANDED);
  const enter = () => requestAnimationFrame(() => control.querySelector("input").focus());
  fold();
  map.on("click", fold);
  button.addEventListener("click", enter);
  button.addEventListener("keydown", (event) => event.key === "Enter" && enter());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !control.classList.contains(EXPANDED)) return;
    fold();
    button.focus();
  });
}

function nameZoom() {
  for (const way of ["in", "out"]) {
    const button = map.getContainer().querySelector(`.leaflet-control-zoom-${way}`);
    button.title = t(`zoom_${way}`);
    button.setAttribute("aria-label", t(`zoom_${way}`));
  }
}
