import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const build = resolve(import.meta.dirname, "../../build");
const faces = ["unbounded-latin.woff2", "unbounded-cyrillic.woff2"];

/** What is asked for under names that do not change: the display face of the server-rendered
 * pages, and the wallets list, which the TON Connect SDK would else fetch from elsewhere. */
function fixedNames(): Plugin {
  return {
    name: "tonality-fixed-names",
    generateBundle() {
      this.emitFile({
        type: "asset",
        fileName: "wallets.json",
        source: readFileSync(resolve(import.meta.dirname, "wallets.json")),
      });
      for (const name of faces) {
        this.emitFile({
          type: "asset",
          fileName: `fonts/${name}`,
          source: readFileSync(resolve(build, "fonts", name)),
        });
      }
    },
  };
}

export default defineConfig({
  base: "/static/miniapp/",
  plugins: [fixedNames()],
  resolve: { alias: { "@fonts": resolve(build, "fonts") } },
  build: {
    outDir: resolve(build, "miniapp"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        app: "src/app/main.tsx",
        portal: "src/portal/main.ts",
        again: "src/portal/again.ts",
        studio: "src/studio/uploads.ts",
      },
      output: {
        // Few files: on a slow network each round trip costs more than the bytes of a small module.
        codeSplitting: {
          groups: [
            {
              name: "base",
              test: /node_modules\/(preact|@preact)|src\/(i18n\/(index|en)|config|api\/problem|portal\/buttons)/,
            },
            { name: "shared", test: /src\/(ui|state|api|telegram|ton)\//, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] },
} as Parameters<typeof defineConfig>[0]);
