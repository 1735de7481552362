// Lays a network out beside the page, which stays usable meanwhile: positions in, positions out.
import { MultiDirectedGraph } from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import type { ToLayOut } from "./network-model";

onmessage = ({ data }: MessageEvent<ToLayOut>): void => {
  const network = new MultiDirectedGraph();
  data.x.forEach((x, node) => network.addNode(node, { x, y: data.y[node], size: 1 }));
  data.edges.forEach(([source, target]) => network.addEdge(source, target));
  forceAtlas2.assign(network, {
    // The more there are, the fewer steps are taken.
    iterations: Math.max(30, Math.min(300, Math.round(100_000 / network.order))),
    settings: { ...forceAtlas2.inferSettings(network), adjustSizes: false, gravity: 1, scalingRatio: 12 },
  });
  postMessage(network.mapNodes((_, { x, y }) => [x as number, y as number]));
};
