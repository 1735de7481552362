// The peer of benchmarks/pages.py: the server's answer in sigma.js as its own guide has it, laid out and then drawn.
import { MultiDirectedGraph } from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import Sigma from "sigma";

const found = await (await fetch("network.json")).json();
const network = new MultiDirectedGraph();
for (const { key, label } of [found.centre, ...found.vertices]) {
  network.addNode(key, { label, x: Math.random(), y: Math.random(), size: 5 });
}
for (const { buyer, supplier } of found.edges) network.addEdge(buyer, supplier);
forceAtlas2.assign(network, { iterations: 50, settings: forceAtlas2.inferSettings(network) });
new Sigma(network, document.querySelector("#box"));
document.body.dataset.ready = "true";
