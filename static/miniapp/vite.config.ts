import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const build = resolve(import.meta.dirname, "../../build");
const faces = ["unbounded-latin.woff2", "unbounded-cyrillic.woff2"];

/** The server-rendered pages use the same display face under names that do not change. */
function sharedFaces(): Plugin {
  return {
    name: "tonality-shared-faces",
    generateBundle() {
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
  plugins: [sharedFaces()],
  resolve: { alias: { "@fonts": resolve(build, "fonts") } },
  build: {
    outDir: resolve(build, "miniapp"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { app: "src/app/main.tsx", portal: "src/portal/main.ts" } },
  },
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] },
} as Parameters<typeof defineConfig>[0]);
