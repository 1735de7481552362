// Charts of a market: its Lorenz curve, the shares of its largest suppliers, and its HHI over time where that is there.
import { axisX, axisY, barX, dot, lineY, link, ruleX, ruleY, text } from "@observablehq/plot";
import { chart, widthOf } from "./charts";
import { colour, getJson, need, onScheme } from "./page";

interface Supplier {
  name: string;
  share: number;
}

interface Year {
  from: string;
  hhi: number | null;
  suppliers: number;
  rows: number;
  coverage: number | null;
}

const LARGEST = 12;
/** Characters of a name, and pixels of each with what stands beside it; a narrow drawing has fewer. */
const LONGEST = 25;
const LETTER = 8;
const NARROW = 420;
/** Fewer suppliers are not a market. */
const FEWEST = 3;

async function draw(): Promise<void> {
  const box = document.querySelector<HTMLElement>("#charts");
  if (!box?.dataset.suppliers) return;
  const suppliers = await getJson<Supplier[]>(box.dataset.suppliers);
  const history = box.dataset.history ? await getJson<Year[]>(box.dataset.history).catch(() => []) : [];
  const redraw = (): void => {
    overTime(need("#history"), history);
    lorenz(need("#lorenz"), suppliers);
    shares(need("#shares"), suppliers);
  };
  redraw();
  onScheme(redraw);
}

/** Draw HHI by year, broken where a year has none; a ring is a year of too few suppliers. Beneath it stands what each rests on. */
function overTime(figure: Element, history: Year[]): void {
  const known = history.filter((year) => year.hhi !== null);
  if (known.length < 2) {
    need("figcaption", figure).textContent = "HHI year by year: what this market rests on has dates in fewer than two years.";
    return;
  }
  const first = yearOf(known[0]);
  const last = yearOf(known[known.length - 1]);
  const byYear = new Map(known.map((year) => [yearOf(year), year]));
  const years = Array.from({ length: last - first + 1 }, (_, at) => ({
    year: first + at,
    hhi: byYear.get(first + at)?.hhi ?? NaN,
    suppliers: byYear.get(first + at)?.suppliers ?? 0,
  }));
  const step = Math.ceil(years.length / 8);
  const few = (point: { suppliers: number }): string => (point.suppliers < FEWEST ? colour("card") : colour("fill"));
  chart(figure, "HHI year by year", {
    height: 260,
    marginLeft: 55,
    x: { tickFormat: "d", ticks: years.map((one) => one.year).filter((_, at) => at % step === 0), label: null, inset: 12 },
    y: { domain: [0, Math.max(2_000, ...known.map((year) => year.hhi ?? 0))], grid: true, label: "HHI" },
    marks: [
      ruleY([1_000, 1_800], { stroke: colour("strong"), strokeDasharray: "4 4" }),
      lineY(years, { x: "year", y: "hhi", stroke: colour("fill"), strokeWidth: 2.5 }),
      dot(years, { x: "year", y: "hhi", r: 4, fill: few, stroke: colour("fill"), strokeWidth: 2 }),
    ],
  });
  need("figcaption", figure).textContent = `HHI year by year; a ring: fewer than ${FEWEST} suppliers. A year without a point has nothing loaded.`;
  const table = need<HTMLTableElement>("table", figure);
  table.hidden = false;
  need("tbody", table).replaceChildren(...known.map(yearRow));
  figure.append(table);
}

function yearOf(year: Year | undefined): number {
  return Number(year?.from.slice(0, 4));
}

function yearRow(year: Year): HTMLTableRowElement {
  const row = document.createElement("tr");
  const coverage = year.coverage === null ? "–" : `${Math.round(100 * year.coverage)} %`;
  const numbers = [year.hhi ?? 0, year.suppliers, year.rows].map((number) => Math.round(number).toLocaleString("en-GB"));
  for (const text of [String(yearOf(year)), ...numbers, coverage]) {
    row.append(Object.assign(document.createElement("td"), { textContent: text, className: row.cells.length ? "number" : "" }));
  }
  return row;
}

function lorenz(figure: Element, suppliers: Supplier[]): void {
  const rising = suppliers.map((supplier) => Math.max(0, supplier.share)).sort((a, b) => a - b);
  let sum = 0;
  const whole = rising.reduce((total, share) => total + share, 0) || 1;
  const points = rising.map((share, index) => {
    sum += share;
    return { suppliers: (index + 1) / rising.length, market: sum / whole };
  });
  chart(figure, "Lorenz curve of the suppliers' shares", {
    height: 260,
    marginLeft: 50,
    marginBottom: 40,
    x: { domain: [0, 1], percent: false },
    y: { domain: [0, 1] },
    marks: [
      axisX({ tickFormat: ".0%", ticks: 5, label: "suppliers, the smallest first", labelAnchor: "center" }),
      axisY({ tickFormat: ".0%", ticks: 5, label: "their part of the market", labelAnchor: "top" }),
      link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: colour("strong"), strokeDasharray: "4 4" }),
      lineY([{ suppliers: 0, market: 0 }, ...points], {
        x: "suppliers",
        y: "market",
        stroke: colour("fill"),
        strokeWidth: 2.5,
      }),
    ],
  });
}

function shares(figure: Element, suppliers: Supplier[]): void {
  const narrow = widthOf(figure) < NARROW;
  const longest = narrow ? 14 : LONGEST;
  const shown = suppliers.slice(0, LARGEST).map((supplier, index) => ({
    // Two suppliers may have one name, and a bar each.
    key: `${index}`,
    name: supplier.name.length > longest ? `${supplier.name.slice(0, longest - 1)}…` : supplier.name,
    share: supplier.share,
  }));
  const names = new Map(shown.map((row) => [row.key, row.name]));
  const most = Math.max(...shown.map((row) => row.share), 0.001);
  chart(figure, "Shares of the largest suppliers", {
    height: 24 * shown.length + 50,
    marginLeft: longest * LETTER + 5,
    marginRight: 60,
    y: { domain: shown.map((row) => row.key), tickFormat: (key: string) => names.get(key) ?? "", label: null },
    x: { domain: [0, most], tickFormat: most < 0.04 ? ".1%" : ".0%", ticks: narrow ? 2 : 4, label: "share" },
    marks: [
      barX(shown, { y: "key", x: "share", fill: colour("fill") }),
      text(shown, {
        y: "key",
        x: "share",
        text: (row: { share: number }) => `${(100 * row.share).toFixed(1)} %`,
        textAnchor: "start",
        dx: 5,
      }),
      ruleX([0], { stroke: colour("strong") }),
    ],
  });
}

void draw();
