// Colours of the shares: ColorBrewer YlGnBu in five classes, told apart by colour-blind readers too.

export const CLASSES = [
  { from: 0.99, colour: "#253494", label: ["≥ 99 %", "≥ 99%"] },
  { from: 0.95, colour: "#2c7fb8", label: ["95–99 %", "95–99%"] },
  { from: 0.8, colour: "#41b6c4", label: ["80–95 %", "80–95%"] },
  { from: 0.5, colour: "#a1dab4", label: ["50–80 %", "50–80%"] },
  { from: 0, colour: "#ffffcc", label: ["< 50 %", "< 50%"] },
];
export const NO_DATA = "#d9d9d9";
export const GAP = "#b2182b";

/** Colour of a share between 0 and 1; grey where it is unknown. */
export function shareColour(share) {
  if (share === null || share === undefined) return NO_DATA;
  return CLASSES.find((one) => share >= one.from).colour;
}
