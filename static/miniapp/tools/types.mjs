// Types of the API from its OpenAPI document: a change that breaks the client breaks the build.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import openapi, { astToString } from "openapi-typescript";

const root = resolve(import.meta.dirname, "..");
const schema = resolve(root, "schema.json");
if (!existsSync(schema)) throw new Error("schema.json is missing: run `make schema` first");
const tree = await openapi(JSON.parse(readFileSync(schema, "utf8")));
writeFileSync(resolve(root, "src/api/schema.d.ts"), astToString(tree));
