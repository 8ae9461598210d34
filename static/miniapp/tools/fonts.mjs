// Cuts the display face to the letters that titles need: Latin and Cyrillic, under 30 KB in all.
// Beside it stands the face of receipts and statements, which only the server reads (PDF).
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import subset from "subset-font";

const LIMIT = 30 * 1024;
const here = import.meta.dirname;
const source = resolve(here, "../node_modules/@fontsource/unbounded/files");
const papers = resolve(here, "../node_modules/dejavu-fonts-ttf/ttf");
const target = resolve(here, "../../../build/fonts");

const span = (from, to) =>
  String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const faces = {
  latin: `${span(0x20, 0x7e)}${span(0xa0, 0xff)}\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2116\u00d7`,
  cyrillic: `${span(0x410, 0x44f)}\u0401\u0451\u2116`,
};

mkdirSync(target, { recursive: true });
let total = 0;
for (const [name, letters] of Object.entries(faces)) {
  const font = readFileSync(resolve(source, `unbounded-${name}-600-normal.woff2`));
  const cut = await subset(font, letters, { targetFormat: "woff2" });
  writeFileSync(resolve(target, `unbounded-${name}.woff2`), cut);
  total += cut.length;
}
console.log(`display face: ${total} bytes`);
if (total > LIMIT) throw new Error(`the display face is over ${LIMIT} bytes`);
for (const name of ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]) {
  copyFileSync(resolve(papers, name), resolve(target, name));
}
