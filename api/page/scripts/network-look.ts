// How the network looks: colours by kind and view, in light and dark, and the legend that says so.
import type { Network } from "./network-model";
import { colour } from "./page";

export interface Look {
  node: (kind: string) => string;
  edge: (view: string) => string;
  ink: string;
  paper: string;
}

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

/** Return the colours of the scheme that the person has now. */
export function look(): Look {
  const palette = matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT;
  const [established, plans, rumours] = [colour("strong"), colour("plans"), colour("rumours")];
  return {
    node: (kind) => palette[group(kind)] ?? "#777777",
    edge: (view) => (view === "plans" ? plans : view === "rumours" ? rumours : established),
    ink: colour("ink"),
    paper: colour("card"),
  };
}

/** Return what a kind of organisation is called in the legend. */
export function groupName(kind: string): string {
  return (GROUPS[group(kind)] ?? ["organisation"])[0];
}

/** Return the entries of the legend: the kinds that are in the network, and which way lines lead; the form shows how each kind of line is drawn. */
export function legend(network: Network, look: Look): HTMLLIElement[] {
  const kinds = new Set(network.mapNodes((_, node) => group(node.kind)));
  const items = [...kinds].sort().map((index) => {
    const item = document.createElement("li");
    const key = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    key.setAttribute("viewBox", "0 0 10 10");
    key.setAttribute("aria-hidden", "true");
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of [["cx", "5"], ["cy", "5"], ["r", "5"], ["fill", look.node(GROUPS[index]?.[1][0] ?? "")]] as const) {
      dot.setAttribute(name, value);
    }
    key.append(dot);
    item.append(key, GROUPS[index]?.[0] ?? "");
    return item;
  });
  const arrows = Object.assign(document.createElement("li"), { textContent: "→ from buyer to supplier" });
  return [...items, arrows];
}
