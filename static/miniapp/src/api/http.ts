import { noteServerTime } from "../state/clock";
import { Problem, problemOf } from "./problem";
import { renew, token } from "./session";

const BASE = "/api/v1";
const TIMEOUT_MS = 15_000;
const RETRY_MS = [300, 1200];

export interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** Makes a repeated POST the same request (header Idempotency-Key). */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function once(path: string, options: Options, access: string | null): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
  if (access) headers.set("Authorization", `Bearer ${access}`);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const started = Date.now();
  try {
    const response = await fetch(BASE + path, {
      method: options.method ?? "GET",
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: "omit",
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    });
    noteServerTime(response.headers.get("Date"), started);
    return response;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, "offline", "");
  }
}

async function authorised(path: string, options: Options): Promise<Response> {
  const access = await token();
  const response = await once(path, options, access);
  if (response.status !== 401 || !access) return response;
  return once(path, options, await renew(access));
}

/** Reads are tried three times; a write only when its key makes a repetition the same write. */
function attempts(options: Options): number {
  const same = ["GET", "PUT"].includes(options.method ?? "GET");
  const repeatable = same || options.idempotencyKey !== undefined;
  return repeatable ? RETRY_MS.length + 1 : 1;
}

/** One API call. Throws Problem; returns undefined for 204. */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const most = attempts(options);
  for (let tried = 1; ; tried += 1) {
    try {
      const response = await authorised(path, options);
      if (!response.ok) throw await problemOf(response);
      return (response.status === 204 ? undefined : await response.json()) as T;
    } catch (error) {
      const again = error instanceof Problem && error.transient && error.status !== 429;
      if (!again || tried >= most) throw error;
      await pause(RETRY_MS[tried - 1] ?? 0);
    }
  }
}

/** A file that only its owner may have: the answer's bytes. Throws Problem. */
export async function file(path: string): Promise<Blob> {
  const response = await authorised(path, {});
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}
