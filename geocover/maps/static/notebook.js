// The map of a notebook: communes by share, gaps, legend and band; every name is set as text.
function geocoverDraw(map, data) {
  const classes = [[0.99, "#253494", "≥ 99 %"], [0.95, "#2c7fb8", "95–99 %"], [0.8, "#41b6c4", "80–95 %"], [0.5, "#a1dab4", "50–80 %"], [0, "#ffffcc", "< 50 %"]];
  const locale = data.language === "vi" ? "vi-VN" : "en-GB";
  const number = (value, decimals) =>
    value === null ? "–" : value.toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const colour = (share) => (share === null ? "#d9d9d9" : classes.find(([from]) => share >= from)[1]);
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  };
  const lines = (...texts) => {
    const box = element("div", "popup", "");
    texts.forEach((text, place) => box.append(element(place ? "div" : "strong", "", text)));
    return box;
  };
  const tell = ({ type, name, share, low, high }) => lines(
    [type, name].filter(Boolean).join(" "),
    share === null ? "–" : `${number(100 * share, 1)} % (${number(100 * low, 1)}–${number(100 * high, 1)})`,
  );
  const words = (key, values) => data.text[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const tellGap = (gap) => lines(words("gap_title", gap), words("gap_text", {
    technology: gap.technology, area: number(gap.area_km2, 1), people: number(gap.people, 0),
    station: gap.nearest_station, operator: gap.nearest_operator, km: number(gap.nearest_km, 1),
  }));
  L.geoJSON(data.communes, {
    style: (feature) => ({ color: "#ffffff", weight: 1, fillColor: colour(feature.properties.share), fillOpacity: 0.85 }),
    onEachFeature: (feature, layer) => layer.bindTooltip(() => tell(feature.properties), { sticky: true }),
  }).addTo(map);
  if (data.gaps) {
    L.geoJSON(data.gaps, {
      style: { color: "#7f0d1c", weight: 1, fillColor: "#b2182b", fillOpacity: 0.92 },
      onEachFeature: (feature, layer) => layer.bindPopup(() => tellGap(feature.properties)),
    }).addTo(map);
  }
  const legend = L.control({ position: "bottomleft" });
  legend.onAdd = () => {
    const box = element("div", "notebook-legend", "");
    box.append(element("strong", "", `${data.title}, ${data.text[`by_${data.basis}`]}`));
    const rows = [...classes.map(([, fill, label]) => [fill, label]), ["#b2182b", data.text.layer_gaps]];
    for (const [fill, label] of rows) {
      const row = element("div", "", "");
      const swatch = element("span", "swatch", "");
      swatch.style.backgroundColor = fill;
      row.append(swatch, label);
      box.append(row);
    }
    return box;
  };
  legend.addTo(map);
  const notices = ["illustrative", "schematic"].filter((name) => data[name]).map((name) => data.text[name]);
  if (notices.length) {
    const band = element("p", "band", "");
    band.append(element("span", "", notices.join(" · ")));
    map.getContainer().append(band);
  }
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.fitBounds(data.bounds);
}
