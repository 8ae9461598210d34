import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Transfer } from "../api/types";
import { restore, send, WalletRefusal } from "../ton/connect";
import { forgetQueries, put, refresh } from "./query";

/** What this browser knows of a hand-over: the server knows only what the chain shows. */
export type Stage = "asking" | "signed" | "declined" | "failed";

export const stages = signal<Record<string, Stage>>({});

const note = (transfer: string, stage: Stage) => {
  stages.value = { ...stages.value, [transfer]: stage };
};

const POLL_MS = 2_500;

/** Hands the message to the wallet. Declining costs nothing, and it can be asked again. */
export async function signTransfer(transfer: Transfer): Promise<void> {
  if (!transfer.transaction) return;
  note(transfer.id, "asking");
  try {
    await restore();
    await send(transfer.transaction);
    note(transfer.id, "signed");
  } catch (error) {
    const declined = error instanceof WalletRefusal && error.reason === "declined";
    note(transfer.id, declined ? "declined" : "failed");
  }
}

/** Asks how it stands until the chain has told; what was mine is then asked anew everywhere. */
export function useTransfer(transfer: Transfer | null): void {
  const id = transfer?.id;
  const open = transfer?.state === "open";
  useEffect(() => {
    if (!id || !open) return;
    const ask = () => void refresh(`transfer:${id}`, () => api.transfer(id));
    const timer = setInterval(ask, POLL_MS);
    const seen = () => document.visibilityState === "visible" && ask();
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [id, open]);
  const done = transfer?.state === "done";
  const address = transfer?.item.address;
  useEffect(() => {
    if (!done || !address) return;
    for (const stale of ["items", "transfers", `certificate:${address}`]) forgetQueries(stale);
    void refresh(`item:${address}`, () => api.item(address));
  }, [done, address]);
}

export async function openTransfer(address: string, to: string): Promise<Transfer> {
  const made = await api.transferItem(address, to);
  put<Transfer>(`transfer:${made.id}`, () => made);
  return made;
}
