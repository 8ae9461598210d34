import { signal } from "@preact/signals";

const KEY = "tonality.searches";
const MOST = 8;

function kept(): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(list)
      ? list.filter((each) => typeof each === "string").slice(0, MOST)
      : [];
  } catch {
    return [];
  }
}

/** What was looked for on this device, last first. It never leaves the device. */
export const recent = signal<string[]>(kept());

function set(list: string[]): void {
  recent.value = list;
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // Then it lasts as long as the page.
  }
}

/** One that led somewhere. The same words again move to the front. */
export function remember(words: string): void {
  const said = words.trim().slice(0, 80);
  if (said.length < 2) return;
  const same = (other: string) => other.toLowerCase() === said.toLowerCase();
  set([said, ...recent.value.filter((other) => !same(other))].slice(0, MOST));
}

export const forget = (words: string) => set(recent.value.filter((other) => other !== words));
export const forgetAll = () => set([]);
