/** Orders, gifts and transfers are lists of their own; here they are told as one, newest first. */
import type { Order, Page, ReceivedGift, Transfer } from "../api/types";

export type Row =
  | { kind: "order"; id: string; at: string; order: Order }
  | { kind: "gift"; id: string; at: string; gift: ReceivedGift }
  | { kind: "transfer"; id: string; at: string; transfer: Transfer };

export type Kind = "all" | "bought" | "gifts" | "moved";

export interface Loaded {
  orders: Page<Order>;
  gifts: Page<ReceivedGift>;
  transfers: Page<Transfer>;
}

const rows = ({ orders, gifts, transfers }: Loaded): Row[][] => [
  orders.results.map((order) => ({ kind: "order", id: order.id, at: order.created_at, order })),
  gifts.results.map((gift) => ({ kind: "gift", id: gift.id, at: gift.created_at, gift })),
  transfers.results.map((transfer) => ({
    kind: "transfer",
    id: transfer.id,
    at: transfer.created_at,
    transfer,
  })),
];

/**
 * What may be shown: a row older than the end of a list that goes on could have others of that list
 * before it, so it waits until that list is read further.
 */
export function merged(loaded: Loaded): Row[] {
  const lists = rows(loaded);
  const pages = [loaded.orders, loaded.gifts, loaded.transfers];
  const ends = lists
    .filter((_, at) => pages[at]?.next)
    .map((list) => Date.parse(list.at(-1)?.at ?? "") || 0);
  const from = Math.max(0, ...ends);
  return lists
    .flat()
    .filter((row) => Date.parse(row.at) >= from)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** The list that has to be read on before more can be shown; null at the end of all. */
export function unread(loaded: Loaded): keyof Loaded | null {
  const ends = (["orders", "gifts", "transfers"] as const)
    .filter((name) => loaded[name].next)
    .map((name) => {
      const last = loaded[name].results.at(-1);
      return { name, at: last ? Date.parse(last.created_at) : Number.POSITIVE_INFINITY };
    });
  return ends.sort((a, b) => b.at - a.at)[0]?.name ?? null;
}

const isGift = (row: Row) => row.kind === "gift" || (row.kind === "order" && row.order.gift);

export function ofKind(list: Row[], kind: Kind): Row[] {
  if (kind === "bought") return list.filter((row) => row.kind === "order" && !isGift(row));
  if (kind === "gifts") return list.filter(isGift);
  if (kind === "moved") return list.filter((row) => row.kind === "transfer");
  return list;
}
