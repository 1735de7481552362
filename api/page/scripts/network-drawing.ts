// The drawing of the network: nodes and lines by WebGL, and names where there is room for them.
import { toBlob } from "@sigma/export-image";
import Sigma from "sigma";
import { drawDiscNodeLabel } from "sigma/rendering";
import type { Look } from "./network-look";
import type { Network } from "./network-model";

/** What happens when the person points at a node or a line, or chooses it; an empty hint is none. */
export interface Hands {
  chooseNode: (node: string) => void;
  chooseEdge: (edge: string) => void;
  enterNode: (node: string) => void;
  enterEdge: (edge: string) => void;
  leave: () => void;
  move: (x: number, y: number) => void;
}

export class Drawing {
  private readonly sigma: Sigma<never, never>;
  /** Where names stand in the drawing as it is being drawn. */
  private readonly boxes: { left: number; right: number; top: number; bottom: number }[] = [];

  constructor(network: Network, canvas: HTMLElement, private readonly centre: string, private look: Look, hands: Hands) {
    this.sigma = new Sigma(network, canvas, {
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
        const left = end > canvas.clientWidth ? node.x - node.size - 3 - wide : end - wide;
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
    this.sigma.on("beforeRender", () => this.keepRoom());
    this.sigma.on("clickNode", ({ node }) => hands.chooseNode(node));
    this.sigma.on("clickEdge", ({ edge }) => hands.chooseEdge(edge));
    this.sigma.on("enterNode", ({ node }) => hands.enterNode(node));
    this.sigma.on("enterEdge", ({ edge }) => hands.enterEdge(edge));
    this.sigma.on("leaveNode", hands.leave);
    this.sigma.on("leaveEdge", hands.leave);
    this.sigma.getMouseCaptor().on("mousemovebody", ({ x, y }) => hands.move(x, y));
  }

  /** Draw again what has changed. */
  refresh(): void {
    this.sigma.refresh();
  }

  /** Draw in other colours. */
  recolour(look: Look): void {
    this.look = look;
    this.sigma.setSetting("labelColor", { color: look.ink });
    this.sigma.setSetting("edgeLabelColor", { color: look.ink });
    this.sigma.refresh();
  }

  /** Return what is seen as a PNG. */
  png(): Promise<Blob> {
    return toBlob(this.sigma as never, { backgroundColor: this.look.paper });
  }

  /** Begin anew with the room for names, of which the centre's comes first. */
  private keepRoom(): void {
    const shown = this.sigma.getNodeDisplayData(this.centre);
    this.boxes.length = 0;
    if (!shown) return;
    const { x, y } = this.sigma.framedGraphToViewport(shown);
    const size = this.sigma.scaleSize(shown.size);
    const half = Math.max(size, 12);
    this.boxes.push({ left: x - size, right: x + size + 9 * (shown.label?.length ?? 0), top: y - half, bottom: y + half });
  }
}
