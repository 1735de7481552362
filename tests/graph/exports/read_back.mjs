// Reads GEXF and GraphML files as Gephi Lite does, and strictly too, and prints what it found as JSON.
import { readFileSync } from "node:fs";
import Graph from "graphology";
import gexf from "graphology-gexf";
import graphml from "graphology-graphml";

const lenient = { allowUndeclaredAttributes: true, addMissingNodes: true };
const found = process.argv.slice(2).map((path) => {
  const text = readFileSync(path, "utf-8");
  const [reader, options] = path.endsWith(".gexf") ? [gexf, lenient] : [graphml, { addMissingNodes: true }];
  const graph = reader.parse(Graph, text, options);
  const strict = reader.parse(Graph, text);
  return {
    type: graph.type,
    strict: [strict.order, strict.size],
    attributes: graph.getAttributes(),
    nodes: Object.fromEntries(graph.mapNodes((key, data) => [key, data])),
    edges: Object.fromEntries(graph.mapEdges((key, data, source, target) => [key, { source, target, ...data }])),
  };
});
process.stdout.write(JSON.stringify(found));
