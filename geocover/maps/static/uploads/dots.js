// A layer of many dots on one canvas: 100,000 of them are drawn in one go, without an object for each in the map.

const TILE = 256;
const REACH_PX = 8;

/** Position on the world's square of 256 pixels, spherical Mercator. */
function world(lon, lat) {
  const sin = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
  return [TILE * (lon / 360 + 0.5), TILE * (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI))];
}

/** Dots in a few styles {colour, radius, square}; a later style is drawn above an earlier one. */
export const Dots = L.Layer.extend({
  initialize(styles, onPick) {
    this.styles = styles;
    this.onPick = onPick;
    this.shown = styles.map(() => true);
    this.setPoints([]);
  },

  /** Take points {lon, lat, style, ...}; what else they hold is given back when they are picked. */
  setPoints(points) {
    this.points = points;
    this.xy = new Float64Array(2 * this.points.length);
    this.points.forEach((one, place) => {
      [this.xy[2 * place], this.xy[2 * place + 1]] = world(one.lon, one.lat);
    });
    if (this._map) this.draw();
  },

  /** Show or hide a style. */
  show(style, on) {
    this.shown[style] = on;
    this.draw();
  },

  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "dots leaflet-zoom-hide", map.getPanes().overlayPane);
    map.on("moveend viewreset resize", this.draw, this);
    map.on("click", this.pick, this);
    this.draw();
  },

  onRemove(map) {
    this.canvas.remove();
    map.off("moveend viewreset resize", this.draw, this);
    map.off("click", this.pick, this);
  },

  /** Where the world's square lies in the frame: [scale, left, top]. */
  frame() {
    const scale = 2 ** this._map.getZoom();
    const { x, y } = this._map.getPixelBounds().min;
    return [scale, x, y];
  },

  draw() {
    const { x, y } = this._map.getSize();
    const sharp = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this.canvas, this._map.containerPointToLayerPoint([0, 0]));
    Object.assign(this.canvas, { width: x * sharp, height: y * sharp });
    Object.assign(this.canvas.style, { width: `${x}px`, height: `${y}px` });
    const pen = this.canvas.getContext("2d");
    pen.scale(sharp, sharp);
    this.styles.forEach((style, number) => this.shown[number] && this.drawStyle(pen, number, style));
  },

  drawStyle(pen, number, { colour, radius, square }) {
    const [scale, left, top] = this.frame();
    const { x: wide, y: high } = this._map.getSize();
    const many = this.points.length > 20_000 && this._map.getZoom() < 11;
    const r = many ? Math.max(1.5, radius - 1.5) : radius;
    pen.fillStyle = colour;
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 1;
    this.points.forEach((one, place) => {
      if (one.style !== number) return;
      const x = this.xy[2 * place] * scale - left;
      const y = this.xy[2 * place + 1] * scale - top;
      if (x < -r || y < -r || x > wide + r || y > high + r) return;
      if (many) pen.fillRect(x - r, y - r, 2 * r, 2 * r);
      else mark(pen, x, y, r, square);
    });
  },

  /** The topmost dot at a place of the frame and how many others lie there, or null. */
  at({ x, y }) {
    const [scale, left, top] = this.frame();
    let best = null;
    let nearest = REACH_PX ** 2;
    let count = 0;
    this.points.forEach((one, place) => {
      if (!this.shown[one.style]) return;
      const far = (this.xy[2 * place] * scale - left - x) ** 2 + (this.xy[2 * place + 1] * scale - top - y) ** 2;
      if (far > REACH_PX ** 2) return;
      count += 1;
      if (!best || one.style > best.style || (one.style === best.style && far <= nearest)) [best, nearest] = [one, far];
    });
    return best && { point: best, others: count - 1 };
  },

  pick(event) {
    const found = this.at(event.containerPoint);
    if (found) this.onPick(found.point, found.others);
  },
});

/** One dot with a white rim: a circle, or a square for those who do not see its colour. */
function mark(pen, x, y, r, square) {
  pen.beginPath();
  if (square) pen.rect(x - r, y - r, 2 * r, 2 * r);
  else pen.arc(x, y, r, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}
