// The query page: an editor that knows SPARQL, the questions of the project as examples, results as table and chart.
import "@zazuko/yasqe/build/yasqe.min.css";
import { barX, dot, line } from "@observablehq/plot";
import Yasqe from "@zazuko/yasqe";
import { chart } from "./charts";
import { colour, download, need } from "./page";

interface Term {
  type: string;
  value: string;
  datatype?: string;
}

interface Results {
  head: { vars: string[] };
  boolean?: boolean;
  results: { bindings: Record<string, Term>[] };
}

const SHOWN = 500;
const BASE = "https://w3id.org/civicgraph/id/";

const form = need<HTMLFormElement>("form.query");
const plain = need<HTMLTextAreaElement>("#query");
const outcome = need<HTMLElement>("#outcome");
const status = need<HTMLElement>("#query-status");

function begin(): void {
  const shared = new URLSearchParams(location.hash.slice(1)).get("query");
  if (shared !== null) plain.value = shared;
  const holder = need<HTMLElement>("#editor");
  // It would ask prefix.cc and others for names, keep queries in the browser and be left by no Tab: all that is off.
  Yasqe.forkAutocompleter("prefixes", { name: "none", get: () => [], isValidCompletionPosition: () => false } as never);
  const editor = new Yasqe(holder, {
    persistenceId: null,
    autocompleters: [],
    showQueryButton: false,
    resizeable: false,
    createShareableLink: () => "",
    createShortLink: null as never,
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": () => void run(editor), "Cmd-Enter": () => void run(editor) },
    value: plain.value,
    lineWrapping: true,
    // As high as its text: a part of a page that scrolls by itself can be out of a keyboard's reach.
    viewportMargin: Infinity,
    // It takes the project's prefixes, which need not be declared, for mistakes; the server says what is one.
    syntaxErrorCheck: false,
  } as never);
  editor.setValue(plain.value);
  editor.getInputField().setAttribute("aria-label", "SPARQL query");
  for (const button of holder.querySelectorAll(".yasqe_buttons, .resizeWrapper")) button.remove();
  plain.hidden = true;
  need<HTMLLabelElement>("label[for=query]").removeAttribute("for");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(editor);
  });
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-example]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      editor.setValue(need<HTMLElement>("code", button.closest("details") ?? document).textContent ?? "");
      editor.focus();
      void run(editor);
    });
  }
  for (const asked of document.querySelectorAll<HTMLFormElement>("form[data-stored]")) {
    const button = need<HTMLButtonElement>("[data-ask]", asked);
    button.hidden = false;
    button.addEventListener("click", () => {
      const query = need<HTMLElement>("code", asked.parentElement ?? document).textContent ?? "";
      editor.setValue(filledIn(query, [...asked.querySelectorAll<HTMLInputElement>("input[data-type]")]));
      editor.focus();
      void run(editor);
    });
  }
  document.documentElement.dataset.ready = "true";
  if (shared !== null) void run(editor);
}

/** Return a stored query with what stands in its fields as VALUES; a field that is empty leaves its variable open. */
function filledIn(query: string, fields: HTMLInputElement[]): string {
  const given = fields.filter((field) => field.value.trim() !== "");
  const values = given.map((field) => `\n  VALUES ?${field.name} { ${term(field.value.trim(), field.dataset.type ?? "text")} }`);
  return query.replace(/WHERE\s*\{/i, (where) => where + values.join(""));
}

/** Return what a field says as a term: an IRI whole, as prefix:name or as kind/slug, or a literal. */
function term(text: string, type: string): string {
  if (type === "iri") {
    if (/^[a-z][a-z0-9]*:[A-Za-z][\w-]*$/.test(text)) return text;
    const iri = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : BASE + text;
    return `<${iri.replace(/[<>"{}|\\^`\s]/g, encodeURIComponent)}>`;
  }
  const quoted = JSON.stringify(text);
  if (type === "date") return `${quoted}^^xsd:date`;
  return type === "number" || type === "integer" ? `${quoted}^^xsd:${type === "number" ? "decimal" : type}` : quoted;
}

/** Ends the question before, so that a late answer of it cannot stand under another query. */
let asking = new AbortController();

async function run(editor: Yasqe): Promise<void> {
  asking.abort();
  const { signal } = (asking = new AbortController());
  const query = editor.getValue();
  history.replaceState(null, "", `#${new URLSearchParams({ query })}`);
  status.textContent = "Asking…";
  outcome.replaceChildren();
  const started = performance.now();
  try {
    const answer = await fetch("/sparql", {
      method: "POST",
      headers: { "Content-Type": "application/sparql-query", Accept: "application/sparql-results+json, text/turtle;q=0.5" },
      body: query,
      signal,
    });
    if (!answer.ok) {
      const said = (await answer.json().catch(() => ({}))) as { detail?: string };
      status.textContent = `No answer: ${said.detail ?? answer.status}`;
      return;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    if (answer.headers.get("content-type")?.startsWith("text/turtle")) {
      const graph = document.createElement("pre");
      graph.tabIndex = 0;
      graph.className = "results";
      graph.textContent = await answer.text();
      outcome.append(graph);
      status.textContent = `A graph, in ${seconds} s`;
      return;
    }
    show((await answer.json()) as Results, query, seconds);
  } catch (error) {
    if (signal.aborted) return;
    status.textContent = `No answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function show(found: Results, query: string, seconds: string): void {
  if (found.boolean !== undefined) {
    status.textContent = `${found.boolean ? "Yes" : "No"}, in ${seconds} s`;
    return;
  }
  const rows = found.results.bindings;
  const names = found.head.vars;
  const part = rows.length > SHOWN ? `, of which ${SHOWN} are shown` : "";
  status.textContent = `${rows.length.toLocaleString("en-GB")} ${rows.length === 1 ? "row" : "rows"}${part}, in ${seconds} s`;
  if (rows.length === 0) {
    const hint = document.createElement("p");
    hint.textContent = "Nothing matches. Is it a plan or a rumour? Then wrap the pattern in GRAPH cg:plans { … } or GRAPH cg:rumours { … }.";
    outcome.append(hint);
    return;
  }
  const downloads = document.createElement("p");
  downloads.className = "actions";
  for (const [name, type] of [["CSV", "text/csv"], ["JSON", "application/sparql-results+json"]] as const) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: `Download ${name}` });
    button.addEventListener("click", () => void fetchAs(query, type, `results.${name.toLowerCase()}`));
    downloads.append(button);
  }
  outcome.append(downloads, drawn(names, rows), table(names, rows.slice(0, SHOWN)));
  const figure = outcome.querySelector("figure");
  if (figure) draw(figure, names, rows);
}

async function fetchAs(query: string, type: string, name: string): Promise<void> {
  const answer = await fetch("/sparql", {
    method: "POST",
    headers: { "Content-Type": "application/sparql-query", Accept: type },
    body: query,
  });
  download(name, await answer.blob());
}

function table(names: string[], rows: Record<string, Term>[]): HTMLElement {
  const made = document.createElement("table");
  const head = made.createTHead().insertRow();
  for (const name of names) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const name of names) line.insertCell().append(...shown(row[name]));
  }
  const frame = document.createElement("div");
  frame.className = "results";
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Results");
  frame.append(made);
  return frame;
}

/** A term as a person reads it: ours lead to their pages, the web's to the web, and nothing else leads anywhere. */
function shown(term: Term | undefined): Node[] {
  if (!term) return [];
  const text = Object.assign(document.createElement("bdi"), { textContent: term.value.slice(0, 2_000) });
  if (term.type !== "uri" || !/^https?:\/\//.test(term.value)) return [text];
  const link = document.createElement("a");
  link.href = term.value.startsWith(BASE) ? `/id/${term.value.slice(BASE.length)}` : term.value;
  link.rel = "noreferrer";
  text.textContent = term.value.replace(BASE, "").slice(0, 2_000);
  link.append(text);
  return [link];
}

const numbers = /(decimal|integer|double|float|int|long)$/;

function drawn(names: string[], rows: Record<string, Term>[]): Node {
  const figure = document.createElement("figure");
  figure.className = "chart";
  const numeric = names.some((name) => rows.every((row) => !row[name] || numbers.test(row[name].datatype ?? "")));
  return numeric && names.length > 1 ? figure : document.createDocumentFragment();
}

/** Draw what can be: bars of a number by a name, a line of it over time, dots of two numbers. */
function draw(figure: Element, names: string[], rows: Record<string, Term>[]): void {
  const has = (name: string, pattern: RegExp): boolean =>
    rows.some((row) => row[name]) && rows.every((row) => !row[name] || pattern.test(row[name].datatype ?? ""));
  const value = names.filter((name) => has(name, numbers));
  const time = names.find((name) => has(name, /(date|dateTime|gYear)$/));
  const label = names.find((name) => !value.includes(name) && name !== time && rows.some((row) => row[name]?.type === "literal"));
  const y = value[0];
  if (y === undefined) {
    figure.remove();
    return;
  }
  const data = rows.slice(0, time ? 5_000 : 40).map((row, index) => ({
    key: String(index),
    label: (label && row[label]?.value.slice(0, 32)) ?? "",
    time: time && row[time] ? new Date(row[time].value) : undefined,
    y: Number(row[y]?.value),
    x: Number(value[1] && row[value[1]]?.value),
  }));
  if (time) {
    chart(figure, `${y} over time`, { height: 280, y: { label: y, grid: true }, x: { label: time }, marks: [line(data, { x: "time", y: "y", stroke: colour("fill"), sort: "time" })] });
  } else if (label) {
    const labels = new Map(data.map((row) => [row.key, row.label]));
    chart(figure, `${y} by ${label}`, {
      height: 20 * data.length + 50,
      marginLeft: 220,
      x: { label: y, grid: true },
      y: { domain: data.map((row) => row.key), tickFormat: (key: string) => labels.get(key) ?? "", label: null },
      marks: [barX(data, { x: "y", y: "key", fill: colour("fill") })],
    });
  } else if (value.length > 1) {
    chart(figure, `${value[1]} and ${y}`, { height: 320, marks: [dot(data, { x: "x", y: "y", fill: colour("fill") })] });
  } else {
    figure.remove();
  }
}

begin();
