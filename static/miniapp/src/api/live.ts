import { signal } from "@preact/signals";
import { config } from "../config";
import { token, user } from "./session";

type Listener = (name: string, data: unknown) => void;

/** True while the socket is open and greeted: pages poll only when it is not. */
export const live = signal(false);

const topics = new Map<string, Set<Listener>>();
const PING_MS = 25_000;
const SILENCE_MS = 60_000;
const LONGEST_WAIT_MS = 20_000;

let socket: WebSocket | null = null;
let failures = 0;
let heard = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let pulse: ReturnType<typeof setInterval> | undefined;

const say = (frame: unknown) => {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
};

function ready(): void {
  failures = 0;
  live.value = true;
  for (const topic of topics.keys()) say({ type: "subscribe", topic });
}

function receive(text: string): void {
  heard = Date.now();
  const frame = JSON.parse(text) as { type: string; topic?: string; name?: string; data?: unknown };
  if (frame.type === "ready") ready();
  if (frame.type === "ping") say({ type: "pong" });
  if (frame.type === "event" && frame.topic) {
    for (const listener of topics.get(frame.topic) ?? []) listener(frame.name ?? "", frame.data);
  }
}

function later(): void {
  clearInterval(pulse);
  live.value = false;
  socket = null;
  if (topics.size === 0) return;
  const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures);
  failures += 1;
  clearTimeout(retry);
  // Spread out, so that a restarted server is not met by everyone at once.
  retry = setTimeout(connect, wait * (0.5 + Math.random() / 2));
}

/** The token goes in the first frame, never in the address, where proxies would log it. */
async function greet(opened: WebSocket): Promise<void> {
  const access = await token().catch(() => null);
  if (opened !== socket) return;
  if (access) say({ type: "auth", token: access });
  else ready();
}

function connect(): void {
  if (socket || !config.ws_url || topics.size === 0) return;
  const opened = new WebSocket(config.ws_url);
  socket = opened;
  heard = Date.now();
  opened.onopen = () => void greet(opened);
  opened.onmessage = (event) => receive(String(event.data));
  opened.onclose = () => {
    if (opened === socket) later();
  };
  pulse = setInterval(() => {
    if (Date.now() - heard > SILENCE_MS) opened.close();
    else say({ type: "ping" });
  }, PING_MS);
}

/** Hears a topic until the returned function is called. Resubscribes after every reconnect. */
export function subscribe(topic: string, listener: Listener): () => void {
  const listeners = topics.get(topic) ?? new Set();
  const first = listeners.size === 0;
  listeners.add(listener);
  topics.set(topic, listeners);
  if (socket === null) connect();
  else if (first && live.value) say({ type: "subscribe", topic });
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    topics.delete(topic);
    say({ type: "unsubscribe", topic });
  };
}

/** A guest's socket hears public topics only: whoever signs in gets another. */
user.subscribe((who) => {
  if (who && live.peek()) socket?.close();
});

addEventListener("online", () => {
  failures = 0;
  clearTimeout(retry);
  connect();
});
