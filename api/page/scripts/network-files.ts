// What is drawn, as files: SVG, GEXF and CSV of exactly the nodes and lines that are shown.
import { write } from "graphology-gexf/browser";
import { MultiDirectedGraph } from "graphology";
import type { Look } from "./network-look";
import { isRest, type Network } from "./network-model";

const DASHES: Record<string, string> = { established: "", plans: "8 5", rumours: "2 4" };

/** Return the drawing as SVG, labels and all, as wide as it needs to be. */
export function svg(network: Network, look: Look): string {
  const nodes = network.filterNodes((_, node) => !node.hidden).map((key) => ({ key, ...network.getNodeAttributes(key) }));
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const scale = 1000 / Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 1);
  const at = (node: { x: number; y: number }): [number, number] => [(node.x - left) * scale + 80, (node.y - top) * scale + 60];
  const width = (Math.max(...xs) - left) * scale + 320;
  const height = (Math.max(...ys) - top) * scale + 120;
  const lines = network
    .filterEdges((_, tie) => !tie.hidden)
    .map((edge) => {
      const tie = network.getEdgeAttributes(edge);
      const [x1, y1] = at(network.getNodeAttributes(network.source(edge)));
      const [x2, y2] = at(network.getNodeAttributes(network.target(edge)));
      const dashes = DASHES[tie.view] ? ` stroke-dasharray="${DASHES[tie.view]}"` : "";
      return `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="${look.edge(tie.view)}" stroke-width="${tie.size.toFixed(1)}"${dashes}/>`;
    });
  const dots = nodes.map((node) => {
    const [x, y] = at(node);
    const r = node.size / 1.5;
    return (
      `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r.toFixed(1)}" fill="${look.node(node.kind)}"/>` +
      `<text x="${(x + r + 4).toFixed(1)}" y="${(y + 4).toFixed(1)}" fill="${look.ink}">${escape(node.label)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height.toFixed(0)}" font-family="sans-serif" font-size="13">` +
    `<rect width="100%" height="100%" fill="${look.paper}"/><g fill="none">${lines.join("")}</g>${dots.join("")}</svg>\n`
  );
}

/** Return the drawing as GEXF, with positions and what each line says. */
export function gexf(network: Network, look: Look): string {
  const shown = new MultiDirectedGraph();
  network.forEachNode((key, node) => {
    if (!node.hidden && !isRest(key)) shown.addNode(key, { label: node.label, kind: node.kind, x: node.x, y: node.y, size: node.size });
  });
  network.forEachEdge((key, tie, source, target) => {
    if (tie.hidden || isRest(key)) return;
    const { hidden: _, size, services, places, ...plain } = tie;
    shown.addEdgeWithKey(key, source, target, {
      ...plain,
      weight: size,
      services: services.join(" "),
      places: places.join(" "),
    });
  });
  return write(shown, {
    formatNode: (_key: string, node: Record<string, unknown>) => ({
      label: String(node.label),
      attributes: { kind: node.kind },
      viz: { color: look.node(String(node.kind)), x: node.x, y: node.y, size: node.size },
    }),
  } as Parameters<typeof write>[1]);
}

/** Return the lines as CSV; a text that a spreadsheet would take for a formula begins with an apostrophe. */
export function csv(network: Network): string {
  const header = ["buyer", "supplier", "kind", "view", "ties", "value", "start", "end", "certainty", "services", "places"];
  const rows = network
    .filterEdges((edge, tie) => !tie.hidden && !isRest(edge))
    .map((edge) => {
      const tie = network.getEdgeAttributes(edge);
      const name = (key: string): string => network.getNodeAttribute(key, "label");
      return [
        ...[name(tie.buyer), name(tie.supplier), tie.kind, tie.view, tie.ties, tie.value, tie.start, tie.end],
        ...[tie.certainty, tie.services.join(" "), tie.places.join(" ")],
      ];
    });
  return [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\u0000-\u001f]/g, " ");
}
