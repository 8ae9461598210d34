import { Buffer } from "buffer";

// The TON libraries expect Node's Buffer; it must stand before they are loaded.
(globalThis as { Buffer?: typeof Buffer }).Buffer = Buffer;

const { isDevelopment } = await import("./page");
if (isDevelopment) {
  const { bridge } = await import("./bridge");
  (window as { tonalityDev?: unknown }).tonalityDev = { tonconnect: bridge };
}
// A module that waits is "loaded" before it is done: this says that it is.
dispatchEvent(new Event("tonality-development-wallet"));
