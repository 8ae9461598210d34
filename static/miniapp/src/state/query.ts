import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";
import { expected } from "../api/session";
import { noteServerTime } from "./clock";

export interface Query<T> {
  data: T | null;
  problem: Problem | null;
  loading: boolean;
}

interface Entry<T> {
  state: Signal<Query<T>>;
  fetchedAt: number;
  running: Promise<void> | null;
  /** How often something newer than what is being read became known. */
  newer: number;
}

const entries = new Map<string, Entry<unknown>>();
const FRESH_MS = 15_000;

function entryOf<T>(key: string): Entry<T> {
  let entry = entries.get(key) as Entry<T> | undefined;
  if (!entry) {
    entry = {
      state: signal<Query<T>>({ data: null, problem: null, loading: true }),
      fetchedAt: 0,
      running: null,
      newer: 0,
    };
    entries.set(key, entry as Entry<unknown>);
  }
  return entry;
}

async function run<T>(entry: Entry<T>, load: () => Promise<T>): Promise<void> {
  entry.state.value = { ...entry.state.peek(), loading: true };
  try {
    let newer: number;
    let data: T;
    do {
      newer = entry.newer;
      data = await load();
    } while (newer !== entry.newer);
    entry.fetchedAt = Date.now();
    entry.state.value = { data, problem: null, loading: false };
  } catch (error) {
    entry.state.value = { ...entry.state.peek(), problem: asProblem(error), loading: false };
  }
}

/** Reads anew. What is being read already may have missed the reason, so it is read once more. */
export function refresh<T>(key: string, load: () => Promise<T>): Promise<void> {
  const entry = entryOf<T>(key);
  if (entry.running) entry.newer += 1;
  return begun(entry, load);
}

/** The read that is under way, or a new one. */
function begun<T>(entry: Entry<T>, load: () => Promise<T>): Promise<void> {
  entry.running ??= run(entry, load).finally(() => {
    entry.running = null;
  });
  return entry.running;
}

/** What is known now, at once; asks again when it is older than a quarter of a minute. */
export function useQuery<T>(
  key: string | null,
  load: () => Promise<T>,
): Query<T> & { retry: () => Promise<void> } {
  const entry = entryOf<T>(key ?? "");
  // The key names the request completely
  useEffect(() => {
    if (key !== null && Date.now() - entry.fetchedAt > FRESH_MS) void begun(entry, load);
    const again = () => {
      if (key !== null && entry.state.peek().problem?.code === "offline") void refresh(key, load);
    };
    addEventListener("online", again);
    return () => removeEventListener("online", again);
  }, [key]);
  return { ...entry.state.value, retry: () => refresh(key ?? "", load) };
}

/** The page brought along what a guest is told (platform/core/openings.py). */
function open(): void {
  const told = document.querySelector("#tonality-opening")?.textContent;
  if (!told) return;
  const { date, known } = JSON.parse(told) as { date: string; known: Record<string, unknown> };
  noteServerTime(date, performance.timeOrigin);
  for (const [key, data] of Object.entries(known)) {
    const entry = entryOf(key);
    entry.state.value = { data, problem: null, loading: false };
    // Whoever is signed in sees it at once and asks for their own.
    entry.fetchedAt = expected() ? 0 : Date.now();
  }
}

open();

/**
 * Writes what came by another way (the socket, an answer to a POST) into the same place. A read
 * under way may be older, so it does not write over it.
 */
export function put<T>(key: string, change: (known: T | null) => T | null): void {
  const entry = entryOf<T>(key);
  const data = change(entry.state.peek().data);
  if (data === null) return;
  entry.newer += 1;
  entry.state.value = { data, problem: null, loading: false };
}

export const forgetQueries = (prefix: string) => {
  for (const [key, entry] of entries) if (key.startsWith(prefix)) entry.fetchedAt = 0;
};
