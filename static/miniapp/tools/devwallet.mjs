// The development wallet, where its sources are: an image of the product does not hold them.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "vite";

const root = resolve(import.meta.dirname, "..");
if (existsSync(resolve(root, "../../deploy/local/wallet/main.ts"))) {
  await build({ root, configFile: resolve(root, "vite.devwallet.config.ts"), logLevel: "warn" });
}
