// Charts as SVG. Plot puts a style sheet into each drawing, which the pages' policy forbids; it says what ours says.
import { plot, type PlotOptions } from "@observablehq/plot";
import { colour } from "./page";

/** Return how wide the chart of a figure is. */
export function widthOf(figure: Element): number {
  return Math.max(280, Math.floor(figure.clientWidth - 32));
}

/** Put a chart into a figure, in place of the one before. */
export function chart(figure: Element, label: string, options: PlotOptions): void {
  const width = widthOf(figure);
  const drawn = plot({
    width,
    className: "plot",
    ariaLabel: label,
    style: { background: "transparent", color: colour("ink"), fontSize: "12px", fontFamily: "inherit" },
    ...options,
  });
  for (const sheet of drawn.querySelectorAll("style")) sheet.remove();
  // The groups of marks are named for programmers; the drawing is one picture, unless parts of it lead somewhere.
  for (const group of drawn.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
  const svg = drawn instanceof SVGElement ? drawn : drawn.querySelector("svg");
  svg?.setAttribute("role", svg.querySelector("a") ? "group" : "img");
  figure.querySelector(".plot, .plot-figure, svg")?.remove();
  figure.append(drawn);
}
