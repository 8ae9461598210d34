import { signal } from "@preact/signals";
import { api } from "../api";
import type { Attempt, Order } from "../api/types";
import { haptic, telegram } from "../telegram";
import type { InvoiceStatus } from "../telegram/types";
import { put, refresh } from "./query";

/** What Telegram's sheet said when it closed: a hint for the screen. The server alone knows. */
export interface Hint {
  status: InvoiceStatus | "open";
  /** Local clock, ms. */
  at: number;
}

export const invoices = signal<Record<string, Hint>>({});

/** How long a hint of a payment is believed without a word from the server. */
export const BELIEVED_MS = 90_000;

const note = (order: string, status: Hint["status"]) => {
  invoices.value = { ...invoices.value, [order]: { status, at: Date.now() } };
};

/** The payment that bought the order, or the last one tried. */
export function attemptOf(order: Order): Attempt | null {
  const paid = order.attempts.find((each) => each.state === "confirmed");
  return paid ?? order.attempts.at(-1) ?? null;
}

export const openInvoiceOf = (order: Order): string | null => {
  const last = order.attempts.at(-1);
  return last?.handoff?.kind === "invoice" ? last.handoff.url : null;
};

/** Opens Telegram's own sheet for the order's open invoice; makes another when it has ended. */
export async function payInvoice(order: Order): Promise<void> {
  const app = telegram.value;
  if (!app?.isVersionAtLeast("6.1")) return;
  const url = openInvoiceOf(order) ?? (await anotherInvoice(order));
  if (!url) return;
  note(order.id, "open");
  app.openInvoice(url, (status) => {
    note(order.id, status);
    if (status === "failed") haptic.error();
    void refresh(`order:${order.id}`, () => api.order(order.id));
  });
}

async function anotherInvoice(order: Order): Promise<string | null> {
  const renewed = await api.createAttempt(order.id, { method: "stars" }, crypto.randomUUID());
  put<Order>(`order:${renewed.id}`, () => renewed);
  return openInvoiceOf(renewed);
}
