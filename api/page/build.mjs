// Bundles the pages' scripts into api/page/built: a file for each page kind that has any, and what several share.
// manifest.json, which is written last, maps the name of each entry to its file; a file's name tells its content.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { feature } from "topojson-client";

const here = dirname(fileURLToPath(import.meta.url));
const scripts = join(here, "scripts");
const built = join(here, "built");

// The United Kingdom, Ireland, Man, Guernsey and Jersey, by their numbers in ISO 3166.
const ISLANDS = new Set(["826", "372", "833", "831", "832"]);

const islands = {
  name: "islands",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^islands$/ }, () => ({ path: "islands", namespace: "islands" }));
    onLoad({ filter: /.*/, namespace: "islands" }, async () => {
      const { path } = await resolve("world-atlas/countries-50m.json", { kind: "import-statement", resolveDir: here });
      const topology = JSON.parse(readFileSync(path, "utf-8"));
      const all = feature(topology, topology.objects.countries);
      const outline = { ...all, features: all.features.filter((country) => ISLANDS.has(country.id)) };
      const round = (_key, value) => (typeof value === "number" ? Math.round(value * 1e3) / 1e3 : value);
      return { contents: JSON.stringify(outline, round), loader: "json" };
    });
  },
};

// A page's own script, and what runs beside it.
const entry = /\.(page|worker)\.ts$/;

rmSync(built, { recursive: true, force: true });
mkdirSync(built);
const { metafile } = await build({
  entryPoints: readdirSync(scripts).filter((name) => entry.test(name)).map((name) => join(scripts, name)),
  outdir: built,
  entryNames: "[name]-[hash]",
  chunkNames: "shared-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  legalComments: "eof",
  plugins: [islands],
  loader: { ".svg": "dataurl" },
  metafile: true,
  absWorkingDir: here,
});
const files = {};
for (const [output, { entryPoint, cssBundle }] of Object.entries(metafile.outputs)) {
  if (entryPoint && entry.test(entryPoint)) {
    const name = basename(entryPoint).replace(entry, "");
    files[name] = { script: basename(output), ...(cssBundle && { style: basename(cssBundle) }) };
  }
}
writeFileSync(join(built, "manifest.json"), `${JSON.stringify(files, null, 2)}\n`);
