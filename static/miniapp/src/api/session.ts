import { signal } from "@preact/signals";
import { initData } from "../telegram/launch";
import { Problem, problemOf } from "./problem";
import type { Session, Tokens, User } from "./types";

/** Who is here: null while unknown or a guest. */
export const user = signal<User | null>(null);
export const signedIn = signal<"asking" | "yes" | "guest">("asking");

const KEPT = "tonality.session";
const MARGIN_MS = 30_000;

interface Kept {
  refresh: string;
  user: User;
  /** Ties the tokens to the launch that made them: another launch is another person. */
  launch: string;
}

let access: string | null = null;
let expiresAt = 0;
let running: Promise<string | null> | null = null;

const fingerprint = (data: string) => data.slice(-64);

function kept(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

function keep(value: Kept | null): void {
  try {
    if (value) sessionStorage.setItem(KEPT, JSON.stringify(value));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Storage may be refused in a frame: the session then lasts as long as the page.
  }
}

function accept(tokens: Tokens, who: User): string {
  access = tokens.access;
  expiresAt = Date.now() + tokens.expires_in * 1000;
  user.value = who;
  signedIn.value = "yes";
  keep({ refresh: tokens.refresh, user: who, launch: fingerprint(initData()) });
  return tokens.access;
}

function forget(): null {
  access = null;
  user.value = null;
  signedIn.value = "guest";
  keep(null);
  return null;
}

async function post<T>(path: string, body: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/auth/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
    });
  } catch {
    throw new Problem(0, "offline", "");
  }
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function byRefresh(): Promise<string | null> {
  const last = kept();
  if (!last || last.launch !== fingerprint(initData())) return null;
  try {
    return accept(await post<Tokens>("refresh", { refresh: last.refresh }), last.user);
  } catch (error) {
    if (error instanceof Problem && error.transient) throw error;
    return null;
  }
}

async function byTelegram(data = initData()): Promise<string | null> {
  if (!data) return null;
  const session = await post<Session>("telegram", { init_data: data });
  startParam = session.start_param;
  return accept(session, session.user);
}

/** The signed start parameter of the launch: for routing only, never for trust. */
export let startParam: string | null = null;

async function open(): Promise<string | null> {
  try {
    return (await byRefresh()) ?? (await byTelegram()) ?? forget();
  } catch (error) {
    if (error instanceof Problem && !error.transient) return forget();
    throw error;
  }
}

/** Whether a session can be opened here: by one that was kept, or by Telegram. */
export const expected = () => kept() !== null || initData() !== "";

/** A valid access token, null for a guest. Throws Problem when the server cannot be reached. */
export async function token(): Promise<string | null> {
  if (access && Date.now() < expiresAt - MARGIN_MS) return access;
  if (signedIn.value === "guest") return null;
  running ??= open().finally(() => {
    running = null;
  });
  return running;
}

/** The server refused `stale`: asks for another once, whoever calls. */
export async function renew(stale: string): Promise<string | null> {
  if (access === stale) {
    access = null;
    expiresAt = 0;
  }
  return token();
}

export async function signIn(data: string): Promise<void> {
  await byTelegram(data);
}

export async function signOut(): Promise<void> {
  const bearer = access;
  forget();
  await fetch("/api/v1/auth/logout", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
    body: "{}",
    credentials: "omit",
  }).catch(() => undefined);
}
