// What Comunica's client of SPARQL endpoints makes of one: node comunica.mjs ENDPOINT HURRIED, a JSON object as its answer.
import { once } from "node:events";
import { SparqlEndpointFetcher } from "fetch-sparql-endpoint";

const [endpoint, hurried] = process.argv.slice(2);
const SELECT = `SELECT DISTINCT ?supplier ?customers {
  { SELECT ?s (COUNT(?c) AS ?customers) { ?c cg:servedBy ?s } GROUP BY ?s } ?s rdfs:label ?supplier
} ORDER BY ?supplier`;
const CONSTRUCT = "CONSTRUCT { ?c cg:servedBy ?s } { ?c cg:servedBy ?s }";
const LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
const ENDLESS = `SELECT (COUNT(*) AS ?n) { ${"abcdefg".split("").map((v) => `?${v} ?${v}p ?${v}o .`).join(" ")} }`;

async function rows(fetcher, query) {
  const found = [];
  for await (const row of await fetcher.fetchBindings(endpoint, query)) found.push(row);
  return found;
}

async function drained(stream) {
  for await (const _ of stream);
}

async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return error.message;
  }
}

const post = new SparqlEndpointFetcher();
const get = new SparqlEndpointFetcher({ method: "GET" });
const direct = new SparqlEndpointFetcher({ directPost: true });
const answer = {};

const selected = await rows(post, SELECT);
answer.suppliers = selected.map((row) => row.supplier.value);
answer.datatypes = [...new Set(selected.map((row) => row.customers.datatype.value))];
answer.same = (await Promise.all([get, direct].map((fetcher) => rows(fetcher, SELECT)))).map(
  (others) => JSON.stringify(others) === JSON.stringify(selected),
);

const triples = [];
for await (const triple of await post.fetchTriples(endpoint, CONSTRUCT)) triples.push(triple.object.value);
answer.triples = triples.sort();
answer.asked = [await post.fetchAsk(endpoint, "ASK { ?c cg:servedBy ?s }"), await post.fetchAsk(endpoint, "ASK { cg:x ?p ?o }")];

// The first rows of an answer that would be tens of millions, and then no more of it.
const stream = await post.fetchBindings(endpoint, LONG);
const [first] = await once(stream, "data");
stream.destroy();
answer.first = Object.keys(first).sort();
answer.after = await post.fetchAsk(endpoint, "ASK {}");

answer.syntax = await refusal(post.fetchBindings(endpoint, "SELECT ?s { ?s cg:provides }"));
answer.time = await refusal(post.fetchBindings(hurried, ENDLESS));
// The server that is in a hurry gives a thousand rows at most, and begins to give them before it knows.
answer.cut = await refusal(post.fetchBindings(hurried, LONG).then((cut) => drained(cut)));

process.stdout.write(JSON.stringify(answer));
process.exit(0);
