// The places on a map: the outline of these islands from Natural Earth, and discs that lead to places or regions. A disc's
// area is what is paid, or awarded, there, or its colour how concentrated that is. No boundaries are kept, so none are drawn.
import { dot, geo, text, type Markish } from "@observablehq/plot";
import outline from "islands";
import { chart } from "./charts";
import { colour, money, need, onScheme } from "./page";

interface Place {
  name: string;
  address: string;
  latitude: number;
  longitude: number;
  suppliers: number;
  paid: number;
  awarded: number;
  hhi: number | null;
  region: string;
}

type Region = Pick<Place, "name" | "address" | "latitude" | "longitude" | "paid" | "awarded">;
type Money = "paid" | "awarded";

function places(): Place[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("#places tbody tr")].map((row) => ({
    name: row.cells[0]?.textContent?.trim() ?? "",
    address: row.querySelector("a")?.getAttribute("href") ?? "",
    latitude: Number(row.dataset.latitude),
    longitude: Number(row.dataset.longitude),
    paid: Number(row.dataset.paid),
    awarded: Number(row.dataset.awarded),
    hhi: row.dataset.hhi ? Number(row.dataset.hhi) : null,
    suppliers: Number(row.dataset.suppliers),
    region: row.cells[6]?.textContent?.trim() ?? "",
  }));
}

/** The regions, each in the middle of its places. */
function regions(within: Place[]): Region[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("#regions tbody tr")].flatMap((row) => {
    const name = row.cells[0]?.textContent?.trim() ?? "";
    const here = within.filter((place) => place.region === name);
    const mean = (of: "latitude" | "longitude"): number => here.reduce((sum, place) => sum + place[of], 0) / here.length;
    if (here.length === 0) return [];
    const address = row.querySelector("a")?.getAttribute("href") ?? "";
    const pounds = { paid: Number(row.dataset.paid), awarded: Number(row.dataset.awarded) };
    return [{ name, address, ...pounds, latitude: mean("latitude"), longitude: mean("longitude") }];
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
  const layer = document.querySelector<HTMLSelectElement>("#map-form [name=layer]")?.value ?? "paid";
  const of: Money = layer === "awarded" || !shown.some((place) => place.paid > 0) ? "awarded" : "paid";
  const marks = layer === "regions" ? inRegions(shown, of) : inPlaces(shown, of, layer === "hhi");
  chart(figure, layer === "regions" ? "Map of the regions" : "Map of the places", {
    height: Math.min(860, figure.clientWidth * 1.25),
    projection: { type: "mercator", domain: outline, inset: 12 },
    r: { range: [0, 22], type: "sqrt" },
    marks: [geo(outline, { fill: colour("land"), stroke: colour("strong"), strokeWidth: 0.6 }), ...marks],
  });
}

const AT = { x: "longitude", y: "latitude" } as const;

function inPlaces(shown: Place[], of: Money, byIndex: boolean): Markish[] {
  const named = (place: Place): string =>
    `${place.name}: ${money(place.paid)} paid, ${money(place.awarded)} awarded, ${place.suppliers} ${place.suppliers === 1 ? "supplier" : "suppliers"}` +
    (place.hhi === null ? "" : `, HHI ${place.hhi.toLocaleString("en-GB")}`);
  const link = { href: "address", ariaLabel: named, title: named };
  const has = (place: Place): boolean => (byIndex ? place.hhi !== null : place[of] > 0);
  const [known, other] = [shown.filter(has), shown.filter((place) => !has(place))];
  const shade = (place: Place): number => (byIndex ? 0.15 + 0.75 * Math.min(1, (place.hhi ?? 0) / 5_000) : 0.55);
  const size = byIndex ? { r: 7 } : { r: of };
  return [
    dot(other.filter((place) => place.suppliers === 0), { ...AT, ...link, r: 1.8, fill: colour("strong") }),
    dot(other.filter((place) => place.suppliers > 0), { ...AT, ...link, r: 3.5, stroke: colour("fill"), strokeWidth: 1.5 }),
    dot(known, { ...AT, ...link, ...size, fill: colour("fill"), fillOpacity: shade, stroke: colour("fill") }),
  ];
}

function inRegions(shown: Place[], of: Money): Markish[] {
  const found = apart(regions(shown));
  const label = { ...AT, fill: colour("ink"), stroke: colour("card"), strokeWidth: 4, href: "address", fontWeight: 600, fontSize: 11 };
  const words = (region: Region): string => `${region.name.replace(" and ", " and\n")}\n${region[of] ? `${money(region[of])} ${of}` : `nothing ${of}`}`;
  return [
    dot(found.filter((region) => region[of] > 0), { ...AT, r: of, fill: colour("fill"), fillOpacity: 0.35, stroke: colour("fill") }),
    text(found, { ...label, text: words }),
  ];
}

if (document.querySelector("#map")) {
  draw();
  onScheme(draw);
  document.querySelector("#map-form")?.addEventListener("input", draw);
}
