// The list under the drawing: whoever uses no mouse reads and grows the network there.
import { isRest, type Network } from "./network-model";
import { money } from "./page";

/** Lines in the list; the CSV has them all. */
const LISTED = 300;

/** Return a row for each line of the network, as far as the list goes. */
export function listed(
  network: Network,
  explain: (buyer: string, supplier: string) => void,
  grow: (node: string) => void,
): HTMLTableRowElement[] {
  const standing = { established: "established", plans: "planned", rumours: "rumoured" };
  const first = network.filterEdges((edge) => !isRest(edge)).slice(0, LISTED);
  return first.map((edge) => {
    const tie = network.getEdgeAttributes(edge);
    const row = document.createElement("tr");
    row.className = tie.view;
    row.dataset.edge = edge;
    row.hidden = tie.hidden;
    const said = document.createElement("a");
    said.href = `/ties?buyer=${encodeURIComponent(tie.buyer)}&supplier=${encodeURIComponent(tie.supplier)}`;
    said.textContent = aboutTie(network, edge).split(",")[0] ?? "";
    said.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      explain(tie.buyer, tie.supplier);
    });
    const mark = Object.assign(document.createElement("span"), { className: `mark ${tie.certainty}`, textContent: tie.certainty });
    row.append(
      cell(party(network, tie.buyer, grow)),
      cell(party(network, tie.supplier, grow)),
      cell([said]),
      cell([tie.value ? money(tie.value) : "–"], "number"),
      cell([britishDay(tie.start)], "nowrap"),
      cell([britishDay(tie.end)], "nowrap"),
      cell([`${standing[tie.view]} `, mark]),
    );
    return row;
  });
}

/** Say what a line stands for. */
export function aboutTie(network: Network, edge: string): string {
    const tie = network.getEdgeAttributes(edge);
    if (isRest(edge)) return `${tie.ties.toLocaleString("en-GB")} smaller ones together${tie.value ? `, ${money(tie.value)}` : ""}`;
    const what = tie.kind === "spend" ? "month of payments" : tie.kind;
    const many = tie.kind === "spend" ? "months of payments" : `${tie.kind}s`;
    const worth = tie.value ? `, ${money(tie.value)}` : "";
    const standing = tie.view === "established" ? "" : `, ${tie.view === "plans" ? "planned" : "rumoured"}, not established`;
    return `${tie.ties} ${tie.ties === 1 ? what : many}${worth}, ${tie.certainty}${standing}`;
  }

function party(network: Network, key: string, grow: (node: string) => void): (Node | string)[] {
  const { label, grown } = network.getNodeAttributes(key);
  const link = document.createElement("a");
  link.href = `/id/${key}`;
  link.append(Object.assign(document.createElement("bdi"), { textContent: label }));
  if (grown) return [link];
  const button = Object.assign(document.createElement("button"), { type: "button", className: "grow", textContent: "+" });
  button.setAttribute("aria-label", `Grow the network from ${label}`);
  button.addEventListener("click", () => grow(key));
  return [link, " ", button];
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
