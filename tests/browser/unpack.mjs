// Unpacks the Chromium that comes as an npm package into a folder, with the fonts and libraries it brings, so that the
// browser tests need no system package: node unpack.mjs FOLDER
import { mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";

const folder = resolve(process.argv[2]);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
// The package unpacks into the temporary folder, and its libraries only where it takes the machine for Amazon's.
process.env.TMPDIR = folder;
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
await chromium.executablePath();
