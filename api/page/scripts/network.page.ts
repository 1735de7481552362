// The network of one organisation: drawn, grown by a click, filtered, explained beside it and taken away as files.
import { animateNodes } from "sigma/utils";
import { Drawing } from "./network-drawing";
import { csv, gexf, svg } from "./network-files";
import { aboutTie, listed } from "./network-list";
import { groupName, legend, look } from "./network-look";
import { apply, empty, isRest, merge, toLayOut, years, type Filter, type Neighbourhood, type Network } from "./network-model";
import { restore, state } from "./network-state";
import { download, getJson, need, onScheme } from "./page";

const LIMIT = 1_500;
/** How many more neighbours of the centre come at once; those that are still not there stand in one node. */
const MORE = 350;

/** How many neighbours come first, and how many nodes that have grown an address keeps. */
const START = 150;
const GROWN = 150;
const MOST_GROWN = 12;

class Page {
  private readonly network: Network = empty();
  private readonly names = new Map<string, string>();
  private readonly form: HTMLFormElement;
  private readonly detail: HTMLElement;
  private readonly status: HTMLElement;
  private readonly tip: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly centre: string;
  private drawing: Drawing | null = null;
  private look = look();
  private put: (() => Promise<void>) | null = null;
  private worker: Worker | null = null;

  constructor(private readonly box: HTMLElement) {
    this.centre = box.dataset.node ?? "";
    this.form = need("form.filters", box);
    this.detail = need(".detail", box);
    this.status = need(".status", box);
    this.tip = need(".tip", box);
    this.more = need("[data-do=more]", box);
  }

  async begin(): Promise<void> {
    const state = new URLSearchParams(location.search);
    this.listen();
    await this.begun(Number(this.box.dataset.limit));
    for (const node of state.getAll("grown").slice(0, MOST_GROWN)) {
      if (this.network.hasNode(node)) await this.grow(node, GROWN);
    }
    restore(this.form, state);
    this.told();
    this.filter();
    this.draw();
    const focus = state.get("focus")?.split(" ") ?? [];
    if (focus[0] && focus[1]) await this.explain(focus[0], focus[1]);
    else if (focus[0] && this.network.hasNode(focus[0])) this.show(focus[0]);
  }

  /** Show so many neighbours of the centre, and offer more. */
  private async begun(limit: number): Promise<void> {
    await this.grow(this.centre, limit);
    const total = Number(this.box.dataset.total);
    const next = Math.min(total, LIMIT, limit + MORE);
    if (next > limit) this.offer(`Show ${(next - limit).toLocaleString("en-GB")} more`, () => this.begun(next));
    this.keep("limit", limit === START ? [] : [String(limit)]);
  }

  /** Keep a part of what is shown in the address, so that a link to it opens the same. */
  private keep(name: string, values: string[]): void {
    const address = new URL(location.href);
    address.searchParams.delete(name);
    for (const value of values) address.searchParams.append(name, value);
    history.replaceState(null, "", address);
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
    this.legend();
    const drawing = new Drawing(this.network, need<HTMLElement>(".canvas", this.box), this.centre, this.look, {
      chooseNode: (node) => void this.choose(node),
      chooseEdge: (edge) => {
        if (isRest(edge)) return;
        const tie = this.network.getEdgeAttributes(edge);
        void this.explain(tie.buyer, tie.supplier);
      },
      enterNode: (node) => this.hint(this.about(node)),
      enterEdge: (edge) => this.hint(aboutTie(this.network, edge)),
      leave: () => this.hint(""),
      move: (x, y) => {
        this.tip.style.left = `${Math.min(x + 14, this.tip.parentElement!.clientWidth - 160)}px`;
        this.tip.style.top = `${y + 14}px`;
      },
    });
    this.drawing = drawing;
    onScheme(() => {
      this.look = look();
      this.legend();
      drawing.recolour(this.look);
    });
    this.box.dataset.ready = "true";
  }

  private about(node: string): string {
    const { label, kind } = this.network.getNodeAttributes(node);
    const lines = this.network.filterEdges(node, (_, tie) => !tie.hidden).length;
    return `${label}: ${groupName(kind)}, ${lines} ${lines === 1 ? "line" : "lines"}`;
  }

  private hint(words: string): void {
    this.tip.textContent = words;
    this.tip.hidden = words === "";
  }

  /** Say what a node is, and let the network grow from it. */
  private async choose(node: string): Promise<void> {
    if (isRest(node)) return;
    this.show(node);
    this.keep("focus", [node]);
    if (!this.network.getNodeAttribute(node, "grown")) {
      await this.attempt(() => this.grow(node));
      const grown = this.network.filterNodes((key, { grown }) => grown && key !== this.centre && !isRest(key));
      this.keep("grown", grown.slice(0, MOST_GROWN));
    }
  }

  private show(node: string): void {
    const heading = document.createElement("h2");
    const link = document.createElement("a");
    link.href = `/id/${node}`;
    link.append(Object.assign(document.createElement("bdi"), { textContent: this.network.getNodeAttribute(node, "label") }));
    heading.append(link);
    const about = Object.assign(document.createElement("p"), { className: "where", textContent: this.about(node) });
    this.detail.replaceChildren(heading, about);
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
      this.keep("focus", [`${buyer} ${supplier}`]);
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

  /** Keep the list below the drawing the same as it. */
  private list(): void {
    const rows = listed(
      this.network,
      (buyer, supplier) => void this.explain(buyer, supplier, true),
      (node) => void this.choose(node),
    );
    need<HTMLTableSectionElement>("#edges tbody").replaceChildren(...rows);
  }

  private told(): void {
    const { year } = this.chosen();
    const words = year === null ? "any" : String(year);
    need<HTMLOutputElement>("output", this.form).value = words;
    need("[name=year]", this.form).setAttribute("aria-valuetext", year === null ? "any year" : words);
  }

  private legend(): void {
    need(".legend", this.box).replaceChildren(...legend(this.network, this.look));
  }

  private listen(): void {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => {
      this.told();
      this.filter();
      for (const [name, values] of state(this.form)) this.keep(name, values);
    });
    const title = this.centre.split("/")[1] ?? "network";
    need(".downloads", this.box).addEventListener("click", (event) => {
      const wanted = event.target instanceof HTMLElement ? event.target.dataset.do : undefined;
      if (wanted === "more" && this.put) void this.attempt(this.put);
      if (wanted === "png" && this.drawing) {
        void this.drawing.png().then((blob) => download(`${title}.png`, blob));
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

const box = document.querySelector<HTMLElement>("#network");
if (box) {
  new Page(box).begin().catch((error: unknown) => {
    need(".status", box).textContent =
      `The drawing cannot be shown here (${error instanceof Error ? error.message : String(error)}); the list below has the same.`;
  });
}
