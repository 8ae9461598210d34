import { signal } from "@preact/signals";
import { api } from "../api";
import type { Order, OrderRequest } from "../api/types";
import { connected, restore, send, WalletRefusal } from "../ton/connect";
import { put } from "./query";

/** What this browser knows of an order's signing: the server knows only what the chain shows. */
export interface Signing {
  stage: "asking" | "signed" | "declined" | "network" | "failed";
  /** Local clock, ms. */
  at: number;
}

const KEPT = "tonality.signing";

function kept(): Record<string, Signing> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, Signing>;
  } catch {
    return {};
  }
}

export const signing = signal<Record<string, Signing>>(
  Object.fromEntries(Object.entries(kept()).filter(([, each]) => each.stage === "signed")),
);

signing.subscribe((value) => {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(value));
  } catch {
    // The page then forgets after a reload that the wallet has signed; the chain does not.
  }
});

const note = (order: string, stage: Signing["stage"]) => {
  signing.value = { ...signing.value, [order]: { stage, at: Date.now() } };
};

export const openAttempt = (order: Order) =>
  order.attempts.find(
    (attempt) => attempt.transaction && attempt.transaction.valid_until * 1000 > Date.now() + 5_000,
  ) ?? null;

/** Hands the open attempt to the wallet. Declining costs nothing and can be repeated. */
export async function sign(order: Order): Promise<void> {
  note(order.id, "asking");
  try {
    await restore();
    const transaction = (openAttempt(order) ?? (await anotherAttempt(order)))?.transaction;
    if (!transaction) throw new WalletRefusal("failed");
    await send(transaction);
    note(order.id, "signed");
  } catch (error) {
    const reason = error instanceof WalletRefusal ? error.reason : "failed";
    note(order.id, reason === "noproof" ? "failed" : reason);
  }
}

async function anotherAttempt(order: Order) {
  const body = { method: "ton" as const, wallet: connected.value?.address };
  await api.createAttempt(order.id, body, crypto.randomUUID());
  const renewed = await api.order(order.id);
  put<Order>(`order:${renewed.id}`, () => renewed);
  return openAttempt(renewed);
}

/** One key for one wish: the same sheet pressed twice makes one order. */
export async function placeOrder(wish: OrderRequest, key: string): Promise<Order> {
  const order = await api.createOrder(wish, key);
  put<Order>(`order:${order.id}`, () => order);
  return order;
}
