// The places on a map: the outline of these islands from Natural Earth, a dot a place that leads to its page; or the
// regions that they lie in, each as the hull of its places.
import { dot, geo, hull, text, type Markish } from "@observablehq/plot";
import outline from "islands";
import { chart } from "./charts";
import { colour, need, onScheme } from "./page";

interface Place {
  name: string;
  address: string;
  latitude: number;
  longitude: number;
  suppliers: number;
  region: string;
}

interface Region {
  name: string;
  address: string;
  suppliers: number;
  latitude: number;
  longitude: number;
}

function places(): Place[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("#places tbody tr")].map((row) => ({
    name: row.cells[0]?.textContent?.trim() ?? "",
    address: row.querySelector("a")?.getAttribute("href") ?? "",
    latitude: Number(row.cells[1]?.textContent),
    longitude: Number(row.cells[2]?.textContent),
    suppliers: count(row.cells[4]),
    region: row.cells[5]?.textContent?.trim() ?? "",
  }));
}

function count(cell: HTMLTableCellElement | undefined): number {
  return Number(cell?.textContent?.replaceAll(",", ""));
}

/** The regions, each in the middle of its places. */
function regions(within: Place[]): Region[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("#regions tbody tr")].flatMap((row) => {
    const name = row.cells[0]?.textContent?.trim() ?? "";
    const here = within.filter((place) => place.region === name);
    const mean = (of: "latitude" | "longitude"): number => here.reduce((sum, place) => sum + place[of], 0) / here.length;
    if (here.length === 0) return [];
    const address = row.querySelector("a")?.getAttribute("href") ?? "";
    return [{ name, address, suppliers: count(row.cells[3]), latitude: mean("latitude"), longitude: mean("longitude") }];
  });
}

/** Move the names that would stand on one another apart, southwards. */
function apart(found: Region[]): Region[] {
  const placed: Region[] = [];
  for (const region of [...found].sort((one, other) => other.latitude - one.latitude)) {
    const moved = { ...region };
    for (const other of placed) {
      if (Math.abs(other.longitude - moved.longitude) < 1.5 && other.latitude - moved.latitude < 0.5) moved.latitude = other.latitude - 0.5;
    }
    placed.push(moved);
  }
  return placed;
}

function draw(): void {
  const figure = need<HTMLElement>("#map");
  const shown = places();
  const layer = document.querySelector<HTMLSelectElement>("#map-form [name=layer]")?.value ?? "places";
  chart(figure, layer === "regions" ? "Map of the regions" : "Map of the places", {
    height: Math.min(860, figure.clientWidth * 1.25),
    projection: { type: "mercator", domain: outline, inset: 12 },
    r: { range: [2.5, 14] },
    marks: [
      geo(outline, { fill: colour("land"), stroke: colour("strong"), strokeWidth: 0.6 }),
      ...(layer === "regions" ? inRegions(shown) : inPlaces(shown)),
    ],
  });
}

function inPlaces(shown: Place[]): Markish[] {
  const named = (place: Place): string => `${place.name}: ${place.suppliers} ${place.suppliers === 1 ? "supplier" : "suppliers"}`;
  return [
    dot(shown, {
      x: "longitude",
      y: "latitude",
      r: "suppliers",
      fill: colour("fill"),
      fillOpacity: 0.55,
      stroke: colour("fill"),
      href: "address",
      ariaLabel: named,
      title: named,
    }),
  ];
}

function inRegions(shown: Place[]): Markish[] {
  const found = regions(shown);
  const most = Math.max(1, ...found.map((region) => region.suppliers));
  const shade = new Map(found.map((region) => [region.name, 0.12 + (0.5 * region.suppliers) / most]));
  const hulls = [...shade].map(([name, opacity]) =>
    hull(shown.filter((place) => place.region === name), {
      x: "longitude",
      y: "latitude",
      fill: colour("fill"),
      fillOpacity: opacity,
      stroke: colour("fill"),
      strokeOpacity: 0.8,
    }),
  );
  const label = { x: "longitude", y: "latitude", fill: colour("ink"), stroke: colour("card"), strokeWidth: 4, href: "address" };
  return [
    ...hulls,
    dot(shown.filter((place) => place.region !== ""), { x: "longitude", y: "latitude", r: 1.5, fill: colour("strong") }),
    text(apart(found), { ...label, text: (region: Region) => `${region.name.replace(" and ", " and\n")}\n${region.suppliers.toLocaleString("en-GB")}`, fontWeight: 600, fontSize: 11 }),
  ];
}

if (document.querySelector("#map")) {
  draw();
  onScheme(draw);
  document.querySelector("#map-form")?.addEventListener("input", draw);
}
