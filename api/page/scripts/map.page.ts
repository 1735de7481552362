// The places on a map: the outline of these islands from Natural Earth, a dot a place that leads to its page.
import { dot, geo } from "@observablehq/plot";
import outline from "islands";
import { chart } from "./charts";
import { colour, need, onScheme } from "./page";

interface Place {
  name: string;
  address: string;
  latitude: number;
  longitude: number;
  suppliers: number;
}

function places(): Place[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("#places tbody tr")].map((row) => ({
    name: row.cells[0]?.textContent?.trim() ?? "",
    address: row.querySelector("a")?.getAttribute("href") ?? "",
    latitude: Number(row.cells[1]?.textContent),
    longitude: Number(row.cells[2]?.textContent),
    suppliers: Number(row.cells[4]?.textContent),
  }));
}

function draw(): void {
  const figure = need<HTMLElement>("#map");
  const shown = places();
  chart(figure, "Map of the places", {
    height: Math.min(680, figure.clientWidth * 1.25),
    projection: { type: "mercator", domain: outline, inset: 12 },
    r: { range: [2.5, 14] },
    marks: [
      geo(outline, { fill: colour("soft"), stroke: colour("line") }),
      dot(shown, {
        x: "longitude",
        y: "latitude",
        r: "suppliers",
        fill: colour("fill"),
        fillOpacity: 0.55,
        stroke: colour("fill"),
        href: "address",
        ariaLabel: (place: Place) => `${place.name}: ${place.suppliers} suppliers`,
        title: (place: Place) => `${place.name}: ${place.suppliers} suppliers`,
      }),
    ],
  });
}

if (document.querySelector("#map")) {
  draw();
  onScheme(draw);
}
