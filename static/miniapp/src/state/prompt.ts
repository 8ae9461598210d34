/** When a preview has ended: whether its listener is asked, once a track, to collect it. */
import { signal } from "@preact/signals";
import type { Playing } from "./queue";
import type { Grant } from "./stream";

const ASKED = "tonality.asked";
const MOST = 300;
/** Only these are cured by collecting. */
const CURED = new Set<Grant["why"]>(["guest", "not_holder"]);

/** The one that was just heard to the end of its preview; null when nobody is asked. */
export const prompt = signal<Playing | null>(null);

function asked(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(ASKED) ?? "[]");
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

/** Asks unless it was asked for this track before, on this device. */
export function previewOver(of: Playing, heard: Grant): void {
  if (heard.full || !of.drop || !CURED.has(heard.why)) return;
  const before = asked();
  if (before.includes(of.track.id)) return;
  prompt.value = of;
  try {
    localStorage.setItem(ASKED, JSON.stringify([...before, of.track.id].slice(-MOST)));
  } catch {
    // Without storage it may be asked again on another day.
  }
}

export function promptClose(): void {
  prompt.value = null;
}
