// Charts of a market: its Lorenz curve, the shares of its largest suppliers, and its HHI over time where that is there.
import { axisX, axisY, barX, lineY, link, ruleX, ruleY, text } from "@observablehq/plot";
import { chart } from "./charts";
import { colour, getJson, need, onScheme } from "./page";

interface Supplier {
  name: string;
  share: number;
}

interface Year {
  from: string;
  hhi: number | null;
}

const LARGEST = 12;
const LONGEST = 25;

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

function overTime(figure: Element, history: Year[]): void {
  const years = history.flatMap((year) => (year.hhi === null ? [] : [{ year: Number(year.from.slice(0, 4)), hhi: year.hhi }]));
  if (years.length < 2) {
    need("figcaption", figure).textContent = "HHI year by year: the ties of this market have dates in fewer than two years.";
    return;
  }
  chart(figure, "HHI year by year", {
    height: 260,
    x: { tickFormat: "d", ticks: Math.min(8, years.length), label: null },
    y: { domain: [0, Math.max(2_000, ...years.map((year) => year.hhi))], grid: true, label: "HHI" },
    marks: [
      lineY(years, { x: "year", y: "hhi", stroke: colour("fill"), strokeWidth: 2.5, marker: "dot" }),
      ruleY([1_000, 1_800], { stroke: colour("strong"), strokeDasharray: "4 4" }),
    ],
  });
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
    x: { domain: [0, 1], percent: false },
    y: { domain: [0, 1] },
    marks: [
      axisX({ tickFormat: ".0%", ticks: 5, label: "suppliers, the smallest first" }),
      axisY({ tickFormat: ".0%", ticks: 5, label: "their part of the market" }),
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
  const shown = suppliers.slice(0, LARGEST).map((supplier, index) => ({
    // Two suppliers may have one name, and a bar each.
    key: `${index}`,
    name: supplier.name.length > LONGEST ? `${supplier.name.slice(0, LONGEST - 1)}…` : supplier.name,
    share: supplier.share,
  }));
  const names = new Map(shown.map((row) => [row.key, row.name]));
  chart(figure, "Shares of the largest suppliers", {
    height: 24 * shown.length + 50,
    marginLeft: 205,
    marginRight: 45,
    y: { domain: shown.map((row) => row.key), tickFormat: (key: string) => names.get(key) ?? "", label: null },
    x: { domain: [0, Math.max(...shown.map((row) => row.share), 0.01)], tickFormat: ".0%", ticks: 4, label: "share" },
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
