// Types of the API from its OpenAPI document: a change that breaks the client breaks the build.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import openapi, { astToString } from "openapi-typescript";

const root = resolve(import.meta.dirname, "..");
const tree = await openapi(readFileSync(resolve(root, "openapi.yaml"), "utf8"));
writeFileSync(resolve(root, "src/api/schema.d.ts"), astToString(tree));
