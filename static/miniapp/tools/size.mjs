// What a first visit downloads before a wallet is asked for: the entry and what it imports at once.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const LIMIT = 80 * 1024;
const out = resolve(import.meta.dirname, "../../../build/miniapp");
const manifest = JSON.parse(readFileSync(resolve(out, "manifest.json"), "utf8"));

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

const weigh = (name) => {
  const bytes = readFileSync(resolve(out, name));
  return { gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
};
const sum = (names) =>
  names.map(weigh).reduce((a, b) => ({ gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli }), {
    gzip: 0,
    brotli: 0,
  });

const chunks = [...closure("src/app/main.tsx")].map((key) => manifest[key]);
const script = sum(chunks.map((chunk) => chunk.file));
const style = sum(chunks.flatMap((chunk) => chunk.css ?? []));
console.log(JSON.stringify({ script, style, limit: LIMIT }));
if (script.gzip > LIMIT) {
  console.error(`first load is ${script.gzip} bytes of compressed script, over ${LIMIT}`);
  process.exit(1);
}
