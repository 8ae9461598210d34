import { resolve } from "node:path";
import { defineConfig } from "vite";

const modules = resolve(import.meta.dirname, "node_modules");

/** The development wallet is a build of its own, so that no product bundle can contain it. */
export default defineConfig({
  base: "/static/devwallet/",
  publicDir: false,
  define: { global: "globalThis", "process.env": "({})", "process.browser": "true" },
  resolve: {
    alias: [
      { find: /^buffer$/, replacement: resolve(modules, "buffer/index.js") },
      { find: /^(@ton\/\w+)$/, replacement: resolve(modules, "$1") },
    ],
  },
  build: {
    outDir: resolve(import.meta.dirname, "../../build/devwallet"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: resolve(import.meta.dirname, "../../deploy/local/wallet/main.ts"),
      output: { entryFileNames: "wallet.js", chunkFileNames: "[name]-[hash].js" },
    },
  },
});
