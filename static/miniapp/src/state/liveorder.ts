import { useEffect } from "preact/hooks";
import { api } from "../api";
import { live, subscribe } from "../api/live";
import type { Order } from "../api/types";
import { telegram } from "../telegram";
import { put, refresh } from "./query";

export const OPEN = new Set(["awaiting_payment", "paid", "fulfilling"]);
const POLL_MS = 3_000;
const POLL_WITH_SOCKET_MS = 12_000;

/** The socket brings changes at once; asking now and then covers a lost message. */
export function useLiveOrder(id: string, open: boolean): void {
  useEffect(
    () =>
      subscribe(`order:${id}`, (name, data) => {
        if (name === "order.changed") put<Order>(`order:${id}`, () => data as Order);
      }),
    [id],
  );
  const connectedLive = live.value;
  useEffect(() => {
    if (!open) return;
    const ask = () => void refresh(`order:${id}`, () => api.order(id));
    const timer = setInterval(ask, connectedLive ? POLL_WITH_SOCKET_MS : POLL_MS);
    // Back from the wallet's application: look at once.
    const seen = () => document.visibilityState === "visible" && ask();
    document.addEventListener("visibilitychange", seen);
    telegram.value?.onEvent("activated", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
      telegram.value?.offEvent("activated", ask);
    };
  }, [id, open, connectedLive]);
}
