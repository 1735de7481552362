// Bundles the pages' scripts into api/page/built: a file for each page kind that has any, and what several share.
// manifest.json, which is written last, maps the name of each entry to its file; a file's name tells its content.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const scripts = join(here, "scripts");
const built = join(here, "built");

rmSync(built, { recursive: true, force: true });
mkdirSync(built);
const { metafile } = await build({
  entryPoints: readdirSync(scripts).filter((name) => name.endsWith(".page.ts")).map((name) => join(scripts, name)),
  outdir: built,
  entryNames: "[name]-[hash]",
  chunkNames: "shared-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  legalComments: "eof",
  metafile: true,
  absWorkingDir: here,
});
const files = {};
for (const [output, { entryPoint, cssBundle }] of Object.entries(metafile.outputs)) {
  if (entryPoint?.endsWith(".page.ts")) {
    const name = basename(entryPoint, ".page.ts");
    files[name] = { script: basename(output), ...(cssBundle && { style: basename(cssBundle) }) };
  }
}
writeFileSync(join(built, "manifest.json"), `${JSON.stringify(files, null, 2)}\n`);
