import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { asProblem, type Problem } from "../api/problem";
import type { Found, Page } from "../api/types";

export const KINDS = ["track", "release", "artist", "playlist"] as const;
export type Kind = (typeof KINDS)[number];

/** What is looked for. price: whole coins that an edition costs at most. */
export interface Asked {
  q: string;
  kind: Kind | null;
  genre: string | null;
  sale: boolean;
  price: number | null;
}

export const NOTHING: Asked = { q: "", kind: null, genre: null, sale: false, price: null };
const NANO = 9;
/** Letters follow each other faster than this; the question waits until they do not. */
export const PAUSE_MS = 160;
/** Answers that are shown again at once, and for how long. */
const KEPT = 40;
const FRESH_MS = 60_000;

/** Out of the page's own address. What is no filter is left out. */
export function read(question: string): Asked {
  const said = new URLSearchParams(question);
  const kind = said.get("kind") as Kind;
  const price = Number(said.get("price"));
  return {
    q: said.get("q") ?? "",
    kind: KINDS.includes(kind) ? kind : null,
    genre: said.get("genre") || null,
    sale: said.get("sale") === "1",
    price: Number.isInteger(price) && price > 0 && price < 1e6 ? price : null,
  };
}

/** Into the page's own address: short, and the same for the same question. */
export function write(asked: Asked): string {
  const said = new URLSearchParams();
  if (asked.q) said.set("q", asked.q);
  if (asked.kind) said.set("kind", asked.kind);
  if (asked.genre) said.set("genre", asked.genre);
  if (asked.sale) said.set("sale", "1");
  if (asked.price) said.set("price", String(asked.price));
  return said.toString();
}

/** Into the API's parameters. */
export function parameters(asked: Asked): string {
  const said = new URLSearchParams();
  const q = asked.q.trim();
  if (q) said.set("q", q);
  if (asked.kind) said.set("kind", asked.kind);
  if (asked.genre) said.set("genre", asked.genre);
  if (asked.sale) said.set("on_sale", "true");
  if (asked.price) said.set("price_max", String(asked.price) + "0".repeat(NANO));
  return said.toString();
}

export const filters = (asked: Asked) =>
  Number(asked.genre !== null) + Number(asked.sale) + Number(asked.price !== null);
/** Whether there is anything to look for; a kind alone is none. */
export const empty = (asked: Asked) => !asked.q.trim() && filters(asked) === 0;

export interface Results {
  of: string;
  page: Page<Found> | null;
  problem: Problem | null;
  loading: boolean;
}

const IDLE: Results = { of: "", page: null, problem: null, loading: false };
export const results = signal<Results>(IDLE);
const known = new Map<string, { page: Page<Found>; at: number }>();
let running: AbortController | null = null;

function keep(of: string, page: Page<Found>): void {
  known.delete(of);
  known.set(of, { page, at: Date.now() });
  const oldest = known.keys().next().value;
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
}

/** Asks now; what was asked before is not waited for any more. */
async function load(of: string): Promise<void> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  try {
    const page = await api.search(of, null, mine.signal);
    if (running !== mine) return;
    keep(of, page);
    results.value = { of, page, problem: null, loading: false };
  } catch (error) {
    if (running !== mine || mine.signal.aborted) return;
    const before = results.peek();
    const page = before.of === of ? before.page : null;
    results.value = { of, page, problem: asProblem(error), loading: false };
  }
}

export function again(): void {
  const { of } = results.peek();
  results.value = { ...results.peek(), problem: null, loading: true };
  void load(of);
}

/** The next page behind this one. */
export async function more(): Promise<void> {
  const { of, page } = results.peek();
  if (!page?.next) return;
  const next = await api.search(of, page.next);
  if (results.peek().of !== of) return;
  const whole = { results: [...page.results, ...next.results], next: next.next };
  keep(of, whole);
  results.value = { of, page: whole, problem: null, loading: false };
}

/** Looks for `asked` while this screen stands: known answers at once, others after a short pause.
 *  Until then what was found before stays, so that nothing flickers between two letters. */
export function useSearch(asked: Asked): void {
  const of = empty(asked) ? "" : parameters(asked);
  useEffect(() => {
    if (!of) {
      running?.abort();
      running = null;
      results.value = IDLE;
      return;
    }
    const answer = known.get(of);
    if (answer) results.value = { of, page: answer.page, problem: null, loading: false };
    if (answer && Date.now() - answer.at < FRESH_MS) return;
    if (!answer) results.value = { ...results.peek(), of, problem: null, loading: true };
    const timer = setTimeout(() => void load(of), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [of]);
}
