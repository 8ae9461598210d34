import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Colours } from "../api/types";
import { lit } from "../state/colours";

const NAMES = ["--deep", "--bright", "--on-deep", "--on-bright"];

/** Which release lights the page now; null keeps the shop's own neutral light. */
export const light = signal<Colours | null>(null);

light.subscribe((colours) => {
  const root = document.documentElement;
  const values = lit(colours);
  for (const name of NAMES) {
    const value = values[name];
    if (value) root.style.setProperty(name, value);
    else root.style.removeProperty(name);
  }
  root.classList.toggle("is-lit", Object.keys(values).length > 0);
});

/** Lights the page while this screen stands. Through the CSSOM, which a strict CSP allows. */
export function useLight(colours: Colours | null | undefined): void {
  const deep = colours?.deep;
  const bright = colours?.bright;
  useEffect(() => {
    light.value = deep && bright ? { deep, bright } : null;
  }, [deep, bright]);
}
