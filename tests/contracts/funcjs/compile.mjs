// Reads {name: {path: text}} (in the order of compilation) and writes {name: assembler's text}.
import { readFileSync, writeFileSync } from "node:fs";
import { compileFunc } from "@ton-community/func-js";

const [from, to] = process.argv.slice(2);
const made = {};
for (const [name, files] of Object.entries(JSON.parse(readFileSync(from, "utf8")))) {
  const sources = Object.entries(files).map(([filename, content]) => ({ filename, content }));
  const result = await compileFunc({ targets: sources.map((file) => file.filename), sources });
  if (result.status === "error") throw new Error(`${name}: ${result.message}`);
  made[name] = result.fiftCode;
}
writeFileSync(to, JSON.stringify(made));
