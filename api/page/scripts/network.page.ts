// The network of one organisation: drawn, grown by a click, filtered, explained beside it and taken away as files.
import { toBlob } from "@sigma/export-image";
import Sigma from "sigma";
import { drawDiscNodeLabel } from "sigma/rendering";
import { animateNodes } from "sigma/utils";
import { csv, gexf, svg, type Look } from "./network-files";
import { apply, empty, merge, toLayOut, years, type Filter, type Neighbourhood, type Network } from "./network-model";
import { colour, download, getJson, money, need, onScheme } from "./page";

const LIMIT = 1_500;
const ALL = 5_000;
/** Lines in the list under the drawing; the CSV has them all. */
const LISTED = 300;

const LIGHT = ["#2f7f96", "#9a5b13", "#6b4fa0", "#3f7d3a", "#a33a5e", "#566573"];
const DARK = ["#57a9c2", "#e0a458", "#b39ddb", "#85c17e", "#f08fb0", "#a3b1bb"];
/** Kinds of organisations by how they are coloured; what is none of them is grey. */
const GROUPS: [string, string[]][] = [
  ["council", ["Council"]],
  ["other public body", ["PublicBody", "Department", "Government", "PoliticalParty"]],
  ["shared service or joint venture", ["SharedServiceCentre", "JointVenture"]],
  ["company", ["Company"]],
  ["sector, no single body", ["Sector"]],
  ["other organisation", []],
];

function group(kind: string): number {
  const found = GROUPS.findIndex(([, kinds]) => kinds.includes(kind));
  return found < 0 ? GROUPS.length - 1 : found;
}

function look(): Look {
  const palette = matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT;
  const [established, plans, rumours] = [colour("strong"), colour("plans"), colour("rumours")];
  return {
    node: (kind) => palette[group(kind)] ?? "#777777",
    edge: (view) => (view === "plans" ? plans : view === "rumours" ? rumours : established),
    ink: colour("ink"),
    paper: colour("card"),
  };
}

class Page {
  private readonly network: Network = empty();
  private readonly names = new Map<string, string>();
  private readonly form: HTMLFormElement;
  private readonly detail: HTMLElement;
  private readonly status: HTMLElement;
  private readonly tip: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly centre: string;
  private drawing: Sigma<never, never> | null = null;
  private look = look();
  private put: (() => Promise<void>) | null = null;
  private worker: Worker | null = null;
  /** Where names stand in the drawing as it is being drawn. */
  private readonly boxes: { left: number; right: number; top: number; bottom: number }[] = [];

  constructor(private readonly box: HTMLElement) {
    this.centre = box.dataset.node ?? "";
    this.form = need("form.filters", box);
    this.detail = need(".detail", box);
    this.status = need(".status", box);
    this.tip = need(".tip", box);
    this.more = need("[data-do=more]", box);
  }

  async begin(): Promise<void> {
    this.listen();
    await this.grow(this.centre, Number(this.box.dataset.limit));
    if (Number(this.box.dataset.total) > this.network.order - 1) {
      this.offer(`Show all ${Number(this.box.dataset.total).toLocaleString("en-GB")}`, () => this.grow(this.centre, ALL));
    }
    this.draw();
  }

  /** Add a node's neighbours; where they are too many, ask first. */
  private async grow(node: string, limit?: number, anyway = false): Promise<void> {
    this.say("Loading…");
    const asked = limit === undefined ? "" : `&limit=${limit}`;
    const found = await getJson<Neighbourhood>(`/network/neighbours.json?node=${encodeURIComponent(node)}${asked}`);
    if (!anyway && limit === undefined && this.network.order + found.vertices.length > LIMIT) {
      this.say(`That would make more than ${LIMIT.toLocaleString("en-GB")} nodes, which can be slow to move.`);
      this.offer("Show all the same", () => this.grow(node, undefined, true));
      return;
    }
    this.more.hidden = true;
    for (const [iri, name] of Object.entries(found.names)) this.names.set(iri, name);
    merge(this.network, found);
    this.layOut();
    this.choices();
    this.filter();
    this.list();
  }

  /** Move the nodes to where the lines between them pull: beside the page, and once more where it grew meanwhile. */
  private layOut(): void {
    const work = toLayOut(this.network);
    this.worker?.terminate();
    this.worker = null;
    if (!work) return;
    const keys = this.network.nodes();
    const worker = new Worker(this.box.dataset.layout ?? "", { type: "module" });
    this.worker = worker;
    this.box.dataset.layingOut = "true";
    worker.onmessage = ({ data }: MessageEvent<[number, number][]>) => {
      worker.terminate();
      this.worker = null;
      const to = Object.fromEntries(keys.map((key, number) => [key, { x: data[number]?.[0] ?? 0, y: data[number]?.[1] ?? 0 }]));
      const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 400;
      animateNodes(this.network, to, { duration }, () => delete this.box.dataset.layingOut);
    };
    worker.onerror = () => {
      this.worker = null;
      delete this.box.dataset.layingOut;
    };
    worker.postMessage(work);
  }

  private offer(words: string, put: () => Promise<void>): void {
    this.more.textContent = words;
    this.more.hidden = false;
    this.put = put;
  }

  private say(words: string): void {
    this.status.textContent = words;
  }

  private draw(): void {
    const palette = (): void => {
      this.look = look();
    };
    palette();
    this.legend();
    this.drawing = new Sigma(this.network, need<HTMLElement>(".canvas", this.box), {
      allowInvalidContainer: true,
      defaultEdgeType: "arrow",
      enableEdgeEvents: true,
      renderEdgeLabels: true,
      edgeLabelColor: { color: this.look.ink },
      edgeLabelFont: "system-ui, sans-serif",
      labelColor: { color: this.look.ink },
      labelFont: "system-ui, sans-serif",
      labelRenderedSizeThreshold: 3,
      labelGridCellSize: 90,
      minEdgeThickness: 0.6,
      stagePadding: 70,
      zIndex: true,
      defaultDrawNodeLabel: (context, node, settings) => {
        if (!node.label) return;
        // A rim of the ground's colour keeps the line that runs under a name from striking it out.
        context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
        const wide = context.measureText(node.label).width;
        const end = node.x + node.size + 3 + wide;
        // Where there is no room on the right, a name stands on the left.
        const left = end > (this.drawing?.getDimensions().width ?? Infinity) ? node.x - node.size - 3 - wide : end - wide;
        const box = { left, right: left + wide, top: node.y - settings.labelSize, bottom: node.y + 4 };
        // A name that would cover another is left out: the list and a hover have it.
        const clashes = this.boxes.some(
          (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
        );
        if (clashes && node.key !== this.centre) return;
        this.boxes.push(box);
        context.lineWidth = 4;
        context.lineJoin = "round";
        context.strokeStyle = this.look.paper;
        context.fillStyle = this.look.ink;
        context.strokeText(node.label, left, node.y + settings.labelSize / 3);
        context.fillText(node.label, left, node.y + settings.labelSize / 3);
      },
      defaultDrawNodeHover: (context, node, settings) => {
        context.beginPath();
        context.arc(node.x, node.y, node.size + 3, 0, 2 * Math.PI);
        context.strokeStyle = this.look.ink;
        context.lineWidth = 2;
        context.stroke();
        drawDiscNodeLabel(context, node, settings);
      },
      nodeReducer: (node, data) => ({
        ...data,
        color: this.look.node(data.kind),
        forceLabel: node === this.centre,
        highlighted: false,
      }),
      // What is established has an arrow; what is planned or rumoured is a bare line with that word, and coloured too.
      edgeReducer: (_, data) => ({
        ...data,
        color: this.look.edge(data.view),
        type: data.view === "established" ? "arrow" : "line",
        label: data.view === "established" ? null : data.view === "plans" ? "planned" : "rumoured",
        forceLabel: data.view !== "established",
      }),
    }) as unknown as Sigma<never, never>;
    const drawing = this.drawing;
    drawing.on("beforeRender", () => this.keepRoom(drawing));
    drawing.on("clickNode", ({ node }) => void this.choose(node));
    drawing.on("clickEdge", ({ edge }) => {
      const tie = this.network.getEdgeAttributes(edge);
      void this.explain(tie.buyer, tie.supplier);
    });
    drawing.on("enterNode", ({ node }) => this.hint(this.about(node)));
    drawing.on("enterEdge", ({ edge }) => this.hint(this.aboutTie(edge)));
    drawing.on("leaveNode", () => this.hint(""));
    drawing.on("leaveEdge", () => this.hint(""));
    drawing.getMouseCaptor().on("mousemovebody", ({ x, y }) => {
      this.tip.style.left = `${Math.min(x + 14, this.tip.parentElement!.clientWidth - 160)}px`;
      this.tip.style.top = `${y + 14}px`;
    });
    onScheme(() => {
      palette();
      this.legend();
      drawing.setSetting("labelColor", { color: this.look.ink });
      drawing.setSetting("edgeLabelColor", { color: this.look.ink });
      drawing.refresh();
    });
    this.box.dataset.ready = "true";
  }

  /** Begin anew with the room for names, of which the centre's comes first. */
  private keepRoom(drawing: Sigma<never, never>): void {
    const shown = drawing.getNodeDisplayData(this.centre);
    this.boxes.length = 0;
    if (!shown) return;
    const { x, y } = drawing.framedGraphToViewport(shown);
    const size = drawing.scaleSize(shown.size);
    const half = Math.max(size, 12);
    this.boxes.push({ left: x - size, right: x + size + 9 * (shown.label?.length ?? 0), top: y - half, bottom: y + half });
  }

  private about(node: string): string {
    const { label, kind } = this.network.getNodeAttributes(node);
    const lines = this.network.filterEdges(node, (_, tie) => !tie.hidden).length;
    return `${label}: ${(GROUPS[group(kind)] ?? ["organisation"])[0]}, ${lines} ${lines === 1 ? "line" : "lines"}`;
  }

  private aboutTie(edge: string): string {
    const tie = this.network.getEdgeAttributes(edge);
    const what = tie.kind === "spend" ? "month of payments" : tie.kind;
    const many = tie.kind === "spend" ? "months of payments" : `${tie.kind}s`;
    const worth = tie.value ? `, ${money(tie.value)}` : "";
    const standing = tie.view === "established" ? "" : `, ${tie.view === "plans" ? "planned" : "rumoured"}, not established`;
    return `${tie.ties} ${tie.ties === 1 ? what : many}${worth}, ${tie.certainty}${standing}`;
  }

  private hint(words: string): void {
    this.tip.textContent = words;
    this.tip.hidden = words === "";
  }

  /** Say what a node is, and let the network grow from it. */
  private async choose(node: string): Promise<void> {
    const heading = document.createElement("h2");
    const link = document.createElement("a");
    link.href = `/id/${node}`;
    link.append(Object.assign(document.createElement("bdi"), { textContent: this.network.getNodeAttribute(node, "label") }));
    heading.append(link);
    const about = Object.assign(document.createElement("p"), { className: "where", textContent: this.about(node) });
    this.detail.replaceChildren(heading, about);
    if (!this.network.getNodeAttribute(node, "grown")) await this.attempt(() => this.grow(node));
  }

  /** Show what ties two parties, with the words that say so: the page at /ties, in the panel. */
  private async explain(buyer: string, supplier: string, focus = false): Promise<void> {
    await this.attempt(async () => {
      const address = `/ties?buyer=${encodeURIComponent(buyer)}&supplier=${encodeURIComponent(supplier)}`;
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const title = document.createElement("h2");
      title.append(...need("h1", page).childNodes);
      // Headings go one down and lose their ids: the page has its own of either.
      const parts = [...need("main", page).children].filter((part) => part.tagName !== "H1");
      for (const part of parts) {
        for (const named of [part, ...part.querySelectorAll("[id], [aria-labelledby]")]) {
          named.removeAttribute("id");
          named.removeAttribute("aria-labelledby");
        }
      }
      this.detail.replaceChildren(title, ...parts);
      if (focus) {
        this.detail.tabIndex = -1;
        this.detail.focus();
        this.detail.scrollIntoView({ block: "nearest" });
      }
    });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.say(`That did not work: ${error instanceof Error ? error.message : String(error)}. Try again.`);
    }
  }

  private chosen(): Filter {
    const data = new FormData(this.form);
    const year = Number(data.get("year"));
    const span = years(this.network);
    return {
      kinds: new Set(data.getAll("kind").map(String)),
      views: new Set(data.getAll("view").map(String)),
      certainty: String(data.get("certainty")) as Filter["certainty"],
      service: String(data.get("service")),
      place: String(data.get("place")),
      value: Number(data.get("value")) || 0,
      year: year && span ? span[0] + year - 1 : null,
    };
  }

  private filter(): void {
    const filter = this.chosen();
    const { lines, undated } = apply(this.network, filter, this.centre);
    const nodes = this.network.filterNodes((_, node) => !node.hidden).length;
    const without = filter.year !== null && undated ? `; ${undated} have no date` : "";
    this.say(`${counted(nodes, "node")}, ${counted(lines, "line")}${without}`);
    this.drawing?.refresh();
    for (const row of document.querySelectorAll<HTMLTableRowElement>("#edges tbody tr[data-edge]")) {
      row.hidden = this.network.getEdgeAttribute(row.dataset.edge ?? "", "hidden");
    }
  }

  /** Offer the services, places and years that the network now holds. */
  private choices(): void {
    for (const [field, marks] of [["service", "services"], ["place", "places"]] as const) {
      const select = need<HTMLSelectElement>(`[name=${field}]`, this.form);
      const held = new Set(this.network.mapEdges((_, tie) => tie[marks]).flat());
      const options = [...held].map((iri) => new Option(this.names.get(iri) ?? iri, iri, false, iri === select.value));
      options.sort((one, other) => one.text.localeCompare(other.text, "en-GB"));
      select.replaceChildren(new Option("any", ""), ...options);
      if (select.selectedIndex < 0) select.selectedIndex = 0;
    }
    const span = years(this.network);
    const slider = need<HTMLInputElement>("[name=year]", this.form);
    slider.max = String(span ? span[1] - span[0] + 1 : 0);
    slider.disabled = !span;
  }

  /** The list below the drawing, kept the same as it: whoever uses no mouse reads and grows the network there. */
  private list(): void {
    const body = need<HTMLTableSectionElement>("#edges tbody");
    const standing = { established: "established", plans: "planned", rumours: "rumoured" };
    const listed = this.network.edges().slice(0, LISTED);
    const rows = listed.map((edge) => {
      const tie = this.network.getEdgeAttributes(edge);
      const row = document.createElement("tr");
      row.className = tie.view;
      row.dataset.edge = edge;
      row.hidden = tie.hidden;
      const said = document.createElement("a");
      said.href = `/ties?buyer=${encodeURIComponent(tie.buyer)}&supplier=${encodeURIComponent(tie.supplier)}`;
      said.textContent = this.aboutTie(edge).split(",")[0] ?? "";
      said.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void this.explain(tie.buyer, tie.supplier, true);
      });
      const mark = Object.assign(document.createElement("span"), { className: `mark ${tie.certainty}`, textContent: tie.certainty });
      row.append(
        cell(this.party(tie.buyer)),
        cell(this.party(tie.supplier)),
        cell([said]),
        cell([tie.value ? money(tie.value) : "–"], "number"),
        cell([britishDay(tie.start)], "nowrap"),
        cell([britishDay(tie.end)], "nowrap"),
        cell([`${standing[tie.view]} `, mark]),
      );
      return row;
    });
    body.replaceChildren(...rows);
  }

  private party(key: string): (Node | string)[] {
    const { label, grown } = this.network.getNodeAttributes(key);
    const link = document.createElement("a");
    link.href = `/id/${key}`;
    link.append(Object.assign(document.createElement("bdi"), { textContent: label }));
    if (grown) return [link];
    const grow = Object.assign(document.createElement("button"), { type: "button", className: "grow", textContent: "+" });
    grow.setAttribute("aria-label", `Grow the network from ${label}`);
    grow.addEventListener("click", () => void this.choose(key));
    return [link, " ", grow];
  }

  private legend(): void {
    const kinds = new Set(this.network.mapNodes((_, node) => group(node.kind)));
    const items = [...kinds].sort().map((index) => {
      const item = document.createElement("li");
      const key = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      key.setAttribute("viewBox", "0 0 10 10");
      key.setAttribute("aria-hidden", "true");
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      for (const [name, value] of [["cx", "5"], ["cy", "5"], ["r", "5"], ["fill", this.look.node(GROUPS[index]?.[1][0] ?? "")]] as const) {
        dot.setAttribute(name, value);
      }
      key.append(dot);
      item.append(key, GROUPS[index]?.[0] ?? "");
      return item;
    });
    const arrows = Object.assign(document.createElement("li"), { textContent: "→ from buyer to supplier" });
    const bare = Object.assign(document.createElement("li"), { textContent: "— planned or rumoured" });
    need(".legend", this.box).replaceChildren(...items, arrows, bare);
  }

  private listen(): void {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => {
      const { year } = this.chosen();
      const words = year === null ? "any" : String(year);
      need<HTMLOutputElement>("output", this.form).value = words;
      need("[name=year]", this.form).setAttribute("aria-valuetext", year === null ? "any year" : words);
      this.filter();
    });
    const title = this.centre.split("/")[1] ?? "network";
    need(".downloads", this.box).addEventListener("click", (event) => {
      const wanted = event.target instanceof HTMLElement ? event.target.dataset.do : undefined;
      if (wanted === "more" && this.put) void this.attempt(this.put);
      if (wanted === "png" && this.drawing) {
        void toBlob(this.drawing as never, { backgroundColor: this.look.paper }).then((blob) => download(`${title}.png`, blob));
      }
      if (wanted === "svg") download(`${title}.svg`, new Blob([svg(this.network, this.look)], { type: "image/svg+xml" }));
      if (wanted === "gexf") download(`${title}.gexf`, new Blob([gexf(this.network, this.look)], { type: "application/gexf+xml" }));
      if (wanted === "csv") download(`${title}.csv`, new Blob([csv(this.network)], { type: "text/csv" }));
    });
    const whole = new URL("/exports/network.gexf", location.href);
    whole.search = new URLSearchParams({ around: this.centre, depth: "2" }).toString();
    need<HTMLAnchorElement>("#gephi", this.box).href = `https://lite.gephi.org/?file=${encodeURIComponent(whole.href)}`;
  }
}

function counted(number: number, what: string): string {
  return `${number.toLocaleString("en-GB")} ${what}${number === 1 ? "" : "s"}`;
}

function cell(content: (Node | string)[], className = ""): HTMLTableCellElement {
  const made = document.createElement("td");
  made.className = className;
  made.append(...content);
  return made;
}

function britishDay(iso: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(iso)) return iso || "–";
  return new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

const box = document.querySelector<HTMLElement>("#network");
if (box) {
  new Page(box).begin().catch((error: unknown) => {
    need(".status", box).textContent =
      `The drawing cannot be shown here (${error instanceof Error ? error.message : String(error)}); the list below has the same.`;
  });
}
