// The network as it has grown: what the server answered, merged, laid out, and filtered by what the person chose.
import { MultiDirectedGraph } from "graphology";

interface Vertex {
  key: string;
  label: string;
  kind: string;
}

interface Tie {
  buyer: string;
  supplier: string;
  kind: "service" | "contract" | "spend";
  view: "established" | "plans" | "rumours";
  ties: number;
  value: number;
  start: string;
  end: string;
  services: string[];
  places: string[];
  certainty: "asserted" | "reported" | "speculative";
}

export interface Neighbourhood {
  centre: Vertex;
  vertices: Vertex[];
  edges: Tie[];
  names: Record<string, string>;
  total: number;
  rest: number;
}

interface NodeAttributes {
  label: string;
  kind: string;
  x: number;
  y: number;
  size: number;
  grown: boolean;
  hidden: boolean;
}

interface EdgeAttributes extends Tie {
  size: number;
  hidden: boolean;
}

export type Network = MultiDirectedGraph<NodeAttributes, EdgeAttributes>;

export interface Filter {
  kinds: Set<string>;
  views: Set<string>;
  certainty: Tie["certainty"];
  service: string;
  place: string;
  value: number;
  year: number | null;
}

const SURETY = { speculative: 0, reported: 1, asserted: 2 };
const LONGEST_LABEL = 60;
const REST = "rest ";
/** Tells the drawing to take note of new edges before it paints them anew. */
const PLACED = { attributes: ["zIndex"] as never[] };

export function empty(): Network {
  return new MultiDirectedGraph<NodeAttributes, EdgeAttributes>();
}

/** Add what the server answered; return how many nodes are new. */
export function merge(network: Network, found: Neighbourhood): number {
  const before = network.order;
  const centre = found.centre.key;
  if (!network.hasNode(centre)) network.addNode(centre, vertex(found.centre, 0, 0));
  network.setNodeAttribute(centre, "grown", true);
  const { x, y } = network.getNodeAttributes(centre);
  found.vertices.forEach((other, index) => {
    if (network.hasNode(other.key)) return;
    // A sunflower about the node they grew from, the largest inmost: even, and the same each time.
    const angle = index * 2.399963;
    const radius = 3 + 1.5 * Math.sqrt(index + 1);
    network.addNode(other.key, vertex(other, x + radius * Math.cos(angle), y + radius * Math.sin(angle)));
  });
  for (const tie of found.edges) {
    const key = [tie.buyer, tie.supplier, tie.kind, tie.view].join(" ");
    if (network.hasEdge(key) || !network.hasNode(tie.buyer) || !network.hasNode(tie.supplier)) continue;
    network.addEdgeWithKey(key, tie.buyer, tie.supplier, { ...tie, size: 1, hidden: false });
  }
  gatherRest(network, found);
  // The more there are, the smaller each is, or they would hide one another.
  const scale = Math.min(1, Math.sqrt(120 / network.order));
  network.updateEachNodeAttributes((node, known) => {
    const value = network.reduceEdges(node, (sum, _, tie) => sum + Math.max(0, tie.value), 0);
    known.size = scale * (4 + 2 * Math.log2(1 + network.degree(node)) + 1.2 * Math.log10(1 + value / 1e4));
    return known;
  });
  network.updateEachEdgeAttributes((_, tie) => {
    tie.size = scale * (1.5 + Math.log10(1 + tie.value / 1e5 + tie.ties));
    return tie;
  }, PLACED);
  return network.order - before;
}

/** Put what was not answered into one node by the node that it belongs to. */
function gatherRest(network: Network, found: Neighbourhood): void {
  const key = REST + found.centre.key;
  const count = found.total - found.vertices.length;
  const { x, y } = network.getNodeAttributes(found.centre.key);
  const label = `and ${count.toLocaleString("en-GB")} smaller`;
  const node = { ...vertex({ key, label, kind: "rest" }, x, y + 5 + 1.5 * Math.sqrt(found.vertices.length)), grown: true };
  const tie: Tie = {
    ...{ buyer: found.centre.key, supplier: key, kind: "spend", view: "established", ties: count, value: found.rest },
    ...{ start: "", end: "", services: [], places: [], certainty: "asserted" },
  };
  const hidden = count <= 0;
  // It is hidden and never taken away: the drawing does not bear that a node goes while others change.
  if (network.hasNode(key)) {
    network.mergeNodeAttributes(key, { ...node, hidden });
    network.mergeEdgeAttributes(key, { ...tie, hidden });
  } else if (!hidden) {
    network.addNode(key, node);
    network.addEdgeWithKey(key, found.centre.key, key, { ...tie, size: 1, hidden });
  }
}

/** Whether a node or line stands for all that were too many to draw. */
export function isRest(key: string): boolean {
  return key.startsWith(REST);
}

function vertex(found: Vertex, x: number, y: number): NodeAttributes {
  const label = found.label.length > LONGEST_LABEL ? `${found.label.slice(0, LONGEST_LABEL - 1)}…` : found.label;
  return { label, kind: found.kind, x, y, size: 6, grown: false, hidden: false };
}

/** What the layout works on: positions by node, and edges by the numbers of their nodes. */
export interface ToLayOut {
  x: number[];
  y: number[];
  edges: [number, number][];
}

/** Return what is to be laid out; null where all hang on one node, about which they lie well as they are. */
export function toLayOut(network: Network): ToLayOut | null {
  if (network.filterNodes((key, node) => node.grown && !isRest(key)).length < 2) return null;
  const numbers = new Map(network.mapNodes((key, _) => key).map((key, number) => [key, number]));
  return {
    x: network.mapNodes((_, node) => node.x),
    y: network.mapNodes((_, node) => node.y),
    edges: network.mapEdges((_edge, _tie, source, target) => [numbers.get(source) ?? 0, numbers.get(target) ?? 0]),
  };
}

/** Hide what the person does not want to see; return how many lines are left, and how many of them have no date. */
export function apply(network: Network, filter: Filter, centre: string): { lines: number; undated: number } {
  let lines = 0;
  let undated = 0;
  // All at once: the drawing is told of each change by itself otherwise.
  network.updateEachEdgeAttributes((edge, tie) => {
    if (isRest(edge)) return tie;
    tie.hidden =
      !filter.kinds.has(tie.kind) ||
      !filter.views.has(tie.view) ||
      SURETY[tie.certainty] < SURETY[filter.certainty] ||
      (filter.service !== "" && !tie.services.includes(filter.service)) ||
      (filter.place !== "" && !tie.places.includes(filter.place)) ||
      tie.value < filter.value ||
      !within(tie, filter.year);
    if (!tie.hidden) {
      lines += 1;
      if (!tie.start && !tie.end) undated += 1;
    }
    return tie;
  }, PLACED);
  network.updateEachNodeAttributes((node, known) => {
    if (isRest(node)) return known;
    known.hidden = node !== centre && !network.someEdge(node, (_, tie) => !tie.hidden);
    return known;
  });
  return { lines, undated };
}

/** Whether a tie may have held in a year: one without dates may always have. */
function within(tie: Tie, year: number | null): boolean {
  if (year === null) return true;
  return !(tie.start && Number(tie.start.slice(0, 4)) > year) && !(tie.end && Number(tie.end.slice(0, 4)) < year);
}

/** The years that the ties name, first and last; null where none has a date. */
export function years(network: Network): [number, number] | null {
  const named = network
    .mapEdges((_, tie) => [tie.start, tie.end])
    .flat()
    .map((day) => Number(day.slice(0, 4)))
    .filter((year) => year > 1900 && year < 2100);
  return named.length ? [Math.min(...named), Math.max(...named)] : null;
}
