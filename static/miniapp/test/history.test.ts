import { describe, expect, it } from "vitest";
import type { Order, ReceivedGift, Transfer } from "../src/api/types";
import { type Loaded, merged, ofKind, unread } from "../src/state/history";

const at = (minute: number) => `2026-11-25T12:${String(minute).padStart(2, "0")}:00Z`;
const order = (minute: number, gift = false) =>
  ({ id: `o${minute}`, created_at: at(minute), gift }) as Order;
const gift = (minute: number) => ({ id: `g${minute}`, created_at: at(minute) }) as ReceivedGift;
const moved = (minute: number) => ({ id: `t${minute}`, created_at: at(minute) }) as Transfer;
const loaded = (over: Partial<Loaded> = {}): Loaded => ({
  orders: { results: [order(50), order(20, true)], next: null },
  gifts: { results: [gift(40)], next: null },
  transfers: { results: [moved(45), moved(10)], next: null },
  ...over,
});
const ids = (list: { id: string }[]) => list.map((row) => row.id);

describe("a history of three lists", () => {
  it("is one, newest first", () => {
    expect(ids(merged(loaded()))).toEqual(["o50", "t45", "g40", "o20", "t10"]);
    expect(unread(loaded())).toBeNull();
  });

  it("shows nothing that an unread row could stand before", () => {
    const cut = loaded({ orders: { results: [order(50), order(42)], next: "more" } });
    expect(ids(merged(cut))).toEqual(["o50", "t45", "o42"]);
    expect(unread(cut)).toBe("orders");
  });

  it("reads on the list that ends first", () => {
    const cut = loaded({
      orders: { results: [order(50)], next: "more" },
      transfers: { results: [moved(45)], next: "more" },
    });
    expect(unread(cut)).toBe("orders");
  });

  it("is told apart into what was bought, given and handed on", () => {
    const all = merged(loaded());
    expect(ids(ofKind(all, "bought"))).toEqual(["o50"]);
    expect(ids(ofKind(all, "gifts"))).toEqual(["g40", "o20"]);
    expect(ids(ofKind(all, "moved"))).toEqual(["t45", "t10"]);
  });
});
