// The drawing of the network: nodes and lines by WebGL, and names where there is room for them.
import { toBlob } from "@sigma/export-image";
import Sigma from "sigma";
import { drawDiscNodeLabel } from "sigma/rendering";
import type { Look } from "./network-look";
import type { Network } from "./network-model";

/** What happens when the person points at a node or a line, or chooses it; an empty hint is none. */
interface Hands {
  chooseNode: (node: string) => void;
  chooseEdge: (edge: string) => void;
  enterNode: (node: string) => void;
  enterEdge: (edge: string) => void;
  leave: () => void;
  move: (x: number, y: number) => void;
}

export class Drawing {
  private readonly sigma: Sigma<never, never>;
  private readonly gaps: HTMLCanvasElement;
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
        // A ground of its own keeps the lines that run under a name from striking it out.
        context.font = `${settings.labelWeight} ${settings.labelSize}px ${settings.labelFont}`;
        const wide = context.measureText(node.label).width;
        const end = node.x + node.size + 3 + wide;
        // Where there is no room on the right, a name stands on the left; and always within the canvas.
        const left = Math.max(2, end > canvas.clientWidth ? node.x - node.size - 3 - wide : end - wide);
        const box = { left, right: left + wide, top: node.y - settings.labelSize, bottom: node.y + 4 };
        // A name that would cover another is left out: the list and a hover have it.
        const clashes = this.boxes.some(
          (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
        );
        if (clashes && node.key !== this.centre) return;
        this.boxes.push(box);
        context.globalAlpha = 0.88;
        context.fillStyle = this.look.paper;
        context.fillRect(left - 2, node.y - settings.labelSize * 0.65, wide + 4, settings.labelSize * 1.3);
        context.globalAlpha = 1;
        context.fillStyle = this.look.ink;
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
    this.gaps = this.sigma.createCanvas("gaps", { beforeLayer: "nodes", style: { pointerEvents: "none" } });
    this.sigma.on("afterRender", () => this.breakLines(network));
    // The first picture was made before anybody listened.
    this.sigma.refresh();
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

  /** Draw gaps over the lines of plans and rumours, which WebGL draws whole: dashes are planned, dots rumoured. */
  private breakLines(network: Network): void {
    const canvas = this.gaps;
    const context = canvas.getContext("2d");
    if (!context) return;
    const { width, height } = this.sigma.getDimensions();
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.strokeStyle = this.look.paper;
    network.forEachEdge((_edge, tie, source, target) => {
      const [from, to] = [this.sigma.getNodeDisplayData(source), this.sigma.getNodeDisplayData(target)];
      if (tie.hidden || tie.view === "established" || !from || !to) return;
      const [start, end] = [this.sigma.framedGraphToViewport(from), this.sigma.framedGraphToViewport(to)];
      context.lineWidth = this.sigma.scaleSize(tie.size) + 3;
      context.setLineDash(tie.view === "plans" ? [5, 9] : [5, 3]);
      context.beginPath();
      context.moveTo(start.x, start.y);
      context.lineTo(end.x, end.y);
      context.stroke();
    });
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
