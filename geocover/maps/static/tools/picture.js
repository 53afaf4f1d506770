// The map as a picture for slides, drawn by ourselves on a canvas: nothing is taken from the screen or from outside.

import { config, number, t } from "../base.js";
import { GAP } from "../colours.js";
import { FONT, labels } from "../labels.js";
import { honesty, legendParts } from "../legend.js";
import { SIGNS, verdict } from "../places.js";
import { tileAt, tilesOf } from "../rasters.js";
import { groups, map, otherView, sides } from "../sides.js";
import { state } from "../state.js";
import { captions, scaleBar } from "./captions.js";
import { cutAt, sideNames } from "./swipe.js";

const FAMILY = '"Be Vietnam Pro", system-ui, sans-serif';
const TILE = 256;
const HEAD = 104;
const FOOT = 76;
const BESIDE = 400;
const GREEN = "#14532d";
const GREY = "#454c54";
const INK = "#1c2126";

/** Name of the file. */
export function pictureName() {
  return `geocover-${config.snapshot}-${state.technology.toLowerCase()}.png`;
}

/** The picture as a PNG: what the map shows, with title, legend, scale, date, source and marks. */
export async function picture(width = 1920, height = 1080) {
  await Promise.all([400, 600, 700].map((weight) => document.fonts.load(`${weight} 16px ${FAMILY}`, "Việt")));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  const frame = { left: 0, top: HEAD, width: width - BESIDE, height: height - HEAD - FOOT };
  await drawMap(context, frame);
  drawBand(context, frame);
  drawWords(context, frame, width, height);
  drawLegend(context, { left: frame.width + 28, top: HEAD + 20, width: BESIDE - 48 });
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

/** What is on the screen is in the picture; where that is the whole province, it fills the frame. */
function cameraFor(frame) {
  const province = L.latLngBounds(config.bounds);
  const whole = map.getBounds().contains(province);
  const size = whole ? spanOf(province).multiplyBy(1.06) : map.getSize();
  const scale = Math.min(frame.width / size.x, frame.height / size.y);
  const zoom = map.getZoom() + Math.log2(scale);
  const middle = whole ? middleOf(province, zoom) : map.project(map.getCenter(), zoom);
  const corner = middle.subtract([frame.width / 2, frame.height / 2]);
  return { zoom, corner, at: (latlng) => map.project(latlng, zoom).subtract(corner).add([frame.left, frame.top]) };
}

/** Width and height of bounds on the screen. */
function spanOf(bounds) {
  return map.project(bounds.getSouthEast()).subtract(map.project(bounds.getNorthWest()));
}

function middleOf(bounds, zoom) {
  return map.project(bounds.getSouthEast(), zoom).add(map.project(bounds.getNorthWest(), zoom)).divideBy(2);
}

async function drawMap(context, frame) {
  const camera = cameraFor(frame);
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  context.fillStyle = "#eceef0";
  context.fillRect(frame.left, frame.top, frame.width, frame.height);
  await drawTiles(context, frame, camera, groups.hillshade, "hillshade");
  const cut = camera.at(cutAt()).x;
  await onSides(context, frame, cut, (side) => drawTiles(context, frame, camera, groups.raster, "raster", side));
  await drawTiles(context, frame, camera, groups.population, "population");
  await onSides(context, frame, cut, (side) => drawAreas(context, camera, side));
  if (map.hasLayer(groups.names)) labels.forEach((one) => drawName(context, one, camera));
  await onSides(context, frame, cut, (side) => drawMarks(context, camera, side));
  if (otherView()) drawDivider(context, frame, cut);
  drawScale(context, frame, camera);
  context.restore();
}

/** Draw something of each side, within its part of the frame. */
async function onSides(context, frame, cut, draw) {
  const all = sides();
  for (const [place, side] of all.entries()) {
    const [from, to] = [place ? cut : frame.left, place === all.length - 1 ? frame.left + frame.width : cut];
    context.save();
    context.beginPath();
    context.rect(from, frame.top, to - from, frame.height);
    context.clip();
    await draw(side);
    context.restore();
  }
}

function drawAreas(context, camera, side) {
  for (const name of ["communes", "gaps"]) {
    if (map.hasLayer(groups[name])) side.groups[name].eachLayer((layer) => drawShapes(context, layer, camera));
  }
}

function drawMarks(context, camera, side) {
  for (const name of ["centres", "parks"]) {
    if (map.hasLayer(groups[name])) side.groups[name].eachLayer((marker) => drawPlace(context, marker, camera));
  }
  if (groups.stations && map.hasLayer(groups.stations)) drawStations(context, camera, side.groups.stations);
}

async function drawTiles(context, frame, camera, group, name, side) {
  if (!group || !map.hasLayer(group) || !group.getLayers().length) return;
  const last = config.last_zoom[name === "hillshade" ? name : "raster"];
  const z = Math.max(0, Math.min(last, Math.round(camera.zoom)));
  const size = TILE * 2 ** (camera.zoom - z);
  const view = side?.view();
  const base = name === "raster" ? tilesOf(view.snapshot, name, view.profile, view.operator) : tilesOf(null, name);
  const jobs = [];
  for (let x = Math.floor(camera.corner.x / size); x * size < camera.corner.x + frame.width; x += 1) {
    for (let y = Math.floor(camera.corner.y / size); y * size < camera.corner.y + frame.height; y += 1) {
      if (inside(x, y, z)) jobs.push(load(tileAt(base, z, { x, y }, "png")).then((image) => ({ image, x, y })));
    }
  }
  context.save();
  context.globalAlpha = name === "hillshade" ? 1 : Number(state.opacity) / 100;
  context.imageSmoothingEnabled = name === "hillshade";
  for (const { image, x, y } of await Promise.all(jobs)) {
    const [left, top] = [frame.left + x * size - camera.corner.x, frame.top + y * size - camera.corner.y].map(Math.round);
    const [right, foot] = [frame.left + (x + 1) * size - camera.corner.x, frame.top + (y + 1) * size - camera.corner.y].map(Math.round);
    if (image) context.drawImage(image, left, top, right - left, foot - top);
  }
  context.restore();
}

/** Whether a tile touches the computed area. */
function inside(x, y, z) {
  const [[south, west], [north, east]] = config.raster_bounds;
  const first = map.project([north, west], z).divideBy(TILE);
  const last = map.project([south, east], z).divideBy(TILE);
  return x + 1 > first.x && x < last.x && y + 1 > first.y && y < last.y;
}

/** The picture of an address; null for an empty tile. */
async function load(address) {
  const response = await fetch(address);
  return response.status === 200 ? createImageBitmap(await response.blob()) : null;
}

function drawShapes(context, layer, camera) {
  if (layer.eachLayer) return layer.eachLayer((one) => drawShapes(context, one, camera));
  const { fillColor, fillOpacity, color, weight } = layer.options;
  context.beginPath();
  for (const ring of rings(layer.getLatLngs())) {
    ring.forEach((latlng, place) => {
      const { x, y } = camera.at(latlng);
      if (place) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    context.closePath();
  }
  context.globalAlpha = fillOpacity;
  context.fillStyle = fillColor.startsWith("url") ? hatch(context) : fillColor;
  context.fill("evenodd");
  context.globalAlpha = 1;
  context.strokeStyle = color;
  context.lineWidth = weight * 1.2;
  context.stroke();
}

function rings(latlngs) {
  return latlngs.length && latlngs[0].lat !== undefined ? [latlngs] : latlngs.flatMap(rings);
}

function hatch(context) {
  const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const brush = tile.getContext("2d");
  brush.strokeStyle = GAP;
  brush.lineWidth = 2.5;
  for (const shift of [-8, 0, 8]) {
    brush.moveTo(shift - 2, 10);
    brush.lineTo(shift + 10, -2);
  }
  brush.stroke();
  return context.createPattern(tile, "repeat");
}

function drawPlace(context, marker, camera) {
  const { x, y } = camera.at(marker.getLatLng());
  drawSign(context, marker.options.place, x, y, map.getZoom() < 10 ? 0.85 : 1);
}

const LOOKS = {
  yes: ["#ffffff", GREEN, GREEN], no: [GAP, "#ffffff", "#ffffff"], "maybe-yes": ["#ffffff", GREEN, GREEN],
  "maybe-no": ["#ffffff", GAP, GAP], unknown: ["#ffffff", GREY, GREY],
};

function drawSign(context, place, x, y, scale) {
  const found = verdict(place);
  const [ground, line, ink] = LOOKS[found];
  const park = place.kind === "industrial_park";
  const half = (park ? 11 : 9) * scale;
  context.save();
  context.globalAlpha = place.status && place.status !== "operating" ? 0.6 : 1;
  context.beginPath();
  if (park) context.rect(x - half, y - half, 2 * half, 2 * half);
  else context.arc(x, y, half, 0, 2 * Math.PI);
  context.fillStyle = ground;
  context.fill();
  context.setLineDash(found.startsWith("maybe") || found === "unknown" ? [2, 2] : []);
  context.lineWidth = 2;
  context.strokeStyle = line;
  context.stroke();
  write(context, SIGNS[found], x, y + 4.5 * scale, { size: 13 * scale, weight: 700, colour: ink, align: "center" });
  context.restore();
}

/** Stations and the clusters that stand for several, as they are gathered on the screen. */
function drawStations(context, camera, stations) {
  stations._featureGroup.eachLayer((one) => {
    const { x, y } = camera.at(one.getLatLng());
    const count = one.getChildCount?.();
    context.beginPath();
    context.arc(x, y, count ? 17 : 5, 0, 2 * Math.PI);
    context.fillStyle = "#333333";
    context.fill();
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    context.stroke();
    if (count) write(context, number(count), x, y + 5, { size: 13, weight: 600, colour: "#ffffff", align: "center" });
  });
}

function drawName(context, { text, x, y }, camera) {
  const at = camera.at(map.layerPointToLatLng([x, y]));
  context.font = FONT.replace("12px", "15px");
  context.textAlign = "center";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = "rgb(255 255 255 / 85%)";
  context.strokeText(text, at.x, at.y + 5);
  context.fillStyle = INK;
  context.fillText(text, at.x, at.y + 5);
}

function drawDivider(context, frame, cut) {
  context.fillStyle = "#111111";
  context.fillRect(cut - 2, frame.top, 4, frame.height);
  const [first, second] = sideNames();
  for (const [text, align, x] of [[first, "right", cut - 14], [second, "left", cut + 14]]) {
    context.font = `600 20px ${FAMILY}`;
    const width = context.measureText(text).width + 20;
    context.fillStyle = "rgb(255 255 255 / 92%)";
    context.fillRect(align === "right" ? x - width + 10 : x - 10, frame.top + 14, width, 34);
    write(context, text, x, frame.top + 38, { size: 20, weight: 600, align });
  }
}

function drawScale(context, frame, { zoom }) {
  const { km, pixels } = scaleBar(zoom, 260);
  const [x, y] = [frame.left + 28, frame.top + frame.height - 26];
  context.fillStyle = "rgb(255 255 255 / 88%)";
  context.fillRect(x - 12, y - 30, pixels + 24, 44);
  context.strokeStyle = INK;
  context.lineWidth = 3;
  context.beginPath();
  context.moveTo(x, y - 8);
  context.lineTo(x, y);
  context.lineTo(x + pixels, y);
  context.lineTo(x + pixels, y - 8);
  context.stroke();
  write(context, t("scale_km", { km: number(km, km < 1 ? 1 : 0) }), x + pixels / 2, y - 9, { size: 17, weight: 600, align: "center" });
}

function drawBand(context, frame) {
  const { marks } = captions();
  if (!marks.length) return;
  const thick = 26 * marks.length + 14;
  context.save();
  context.beginPath();
  context.rect(frame.left, frame.top, frame.width, frame.height);
  context.clip();
  context.translate(frame.left + 120, frame.top + 120);
  context.rotate(-Math.PI / 4);
  context.fillStyle = GAP;
  context.fillRect(-260, -thick / 2, 520, thick);
  marks.forEach((text, place) => write(context, text.toUpperCase(), 0, 26 * (place - (marks.length - 1) / 2) + 7, { size: 19, weight: 700, colour: "#ffffff", align: "center" }));
  context.restore();
}

function drawWords(context, frame, width, height) {
  const said = captions();
  write(context, said.title, 28, 48, { size: 34, weight: 700, most: width - 56 });
  write(context, said.view, 28, 84, { size: 21, colour: GREY, most: width - 56 });
  const foot = height - FOOT;
  write(context, said.made, 28, foot + 32, { size: 17, colour: GREY, most: frame.width });
  write(context, said.source, 28, foot + 58, { size: 17, colour: GREY, most: width - 240 });
  write(context, "geocover", width - 28, foot + 58, { size: 19, weight: 600, colour: GREY, align: "right" });
}

/** The legend beside the map, and below it what is made up. */
function drawLegend(context, box) {
  let y = box.top;
  for (const { title, rows } of legendParts()) {
    if (title) y = wrapped(context, title, { ...box, y }, { size: 19, weight: 600 });
    for (const row of rows) {
      if (row.place) drawSign(context, row.place, box.left + 14, y + 14, 1);
      else drawSwatch(context, row, box.left, y + 5);
      y = wrapped(context, row.text, { left: box.left + 44, width: box.width - 44, y }, { size: 18 });
    }
    y += 14;
  }
  context.fillStyle = GAP;
  for (const line of honesty()) {
    const from = y;
    y = wrapped(context, line, { left: box.left + 14, width: box.width - 14, y }, { size: 16, colour: "#7f0d1c" });
    context.fillStyle = GAP;
    context.fillRect(box.left, from, 4, y - from - 4);
    y += 8;
  }
}

function drawSwatch(context, { colour, kind = "" }, x, y) {
  context.fillStyle = kind.includes("hatch") ? hatch(context) : colour;
  context.fillRect(x, y, 30, 19);
  context.strokeStyle = "#868e97";
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, 29, 18);
}

/** Write a text in as many lines as it needs; gives where the next begins. */
function wrapped(context, text, { left, width, y }, look) {
  context.font = `${look.weight ?? 400} ${look.size}px ${FAMILY}`;
  let line = "";
  let at = y + look.size + 3;
  for (const one of text.split(" ")) {
    const longer = line ? `${line} ${one}` : one;
    if (context.measureText(longer).width > width && line) {
      write(context, line, left, at, look);
      at += look.size + 6;
      line = one;
    } else line = longer;
  }
  write(context, line, left, at, look);
  return at + 9;
}

function write(context, text, x, y, { size, weight = 400, colour = INK, align = "left", most }) {
  context.font = `${weight} ${size}px ${FAMILY}`;
  context.textAlign = align;
  context.fillStyle = colour;
  context.fillText(text, x, y, most);
}
