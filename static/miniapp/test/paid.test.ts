import { afterEach, describe, expect, it } from "vitest";
import type { Order } from "../src/api/types";
import { standing } from "../src/screens/paid";
import { attemptOf, BELIEVED_MS, invoices, openInvoiceOf } from "../src/state/invoice";

const invoice = { kind: "invoice", url: "https://t.me/$abc" };
const attempt = (more: object = {}) => ({
  id: "a",
  method: "stars",
  state: "open",
  amount: { asset: "XTR", amount: "233" },
  handoff: invoice,
  refunds: [],
  ...more,
});
const order = (more: object = {}) =>
  ({
    id: "o",
    state: "awaiting_payment",
    attempts: [attempt()],
    claim: null,
    ...more,
  }) as unknown as Order;
const hint = (status: "paid" | "cancelled" | "failed" | "pending", ago = 0) => {
  invoices.value = { o: { status, at: Date.now() - ago } };
};
const claim = (more: object = {}) => ({
  state: "open",
  hold_until: "2020-01-01T00:00:00Z",
  frozen: false,
  needs_wallet: false,
  gift_opened: false,
  ...more,
});

describe("an order paid outside the chain", () => {
  afterEach(() => {
    invoices.value = {};
  });

  it("takes what the sheet says for a hint, and only for a while", () => {
    hint("paid");
    expect(standing(order()).key).toBe("paid.checking");
    hint("paid", BELIEVED_MS + 1);
    expect(standing(order()).key).not.toBe("paid.checking");
    hint("cancelled");
    expect(standing(order()).key).toBe("paid.closed");
    hint("failed");
    expect(standing(order()).key).toBe("paid.failed");
  });

  it("believes the server over any hint", () => {
    hint("cancelled");
    const paid = order({ state: "fulfilling", claim: claim() });
    expect(standing(paid).key).toBe("paid.making");
  });

  it("says until when it is kept, and what it waits for", () => {
    const held = claim({ hold_until: "2999-01-02T00:00:00Z", needs_wallet: true });
    expect(standing(order({ state: "fulfilling", claim: held }))).toEqual({
      key: "paid.held",
      when: "2999-01-02T00:00:00Z",
    });
    const waiting = order({ state: "fulfilling", claim: claim({ needs_wallet: true }) });
    expect(standing(waiting).key).toBe("paid.wallet");
    const frozen = order({ state: "fulfilling", claim: claim({ frozen: true }) });
    expect(standing(frozen).key).toBe("paid.frozen");
  });

  it("tells of a gift whether it was opened, and why it ended", () => {
    const gift = (more: object) => order({ state: "fulfilling", gift: true, claim: claim(more) });
    expect(standing(gift({})).key).toBe("gift.given");
    expect(standing(gift({ gift_opened: true })).key).toBe("gift.opened");
    const ended = (code: string) => order({ state: "cancelled", reason: { code, text: "" } });
    expect(standing(ended("gift_unclaimed")).key).toBe("gift.unclaimed");
    expect(standing(ended("gift_cancelled")).key).toBe("gift.cancelled");
    expect(standing(ended("refunded")).key).toBe("paid.refunded");
  });

  it("shows the payment that bought it, and offers its open invoice only", () => {
    const bought = order({ attempts: [attempt({ state: "confirmed" }), attempt({ id: "b" })] });
    expect(attemptOf(bought)?.id).toBe("a");
    expect(openInvoiceOf(order())).toBe(invoice.url);
    const web = attempt({ method: "stripe", handoff: { kind: "redirect", url: "https://x" } });
    expect(openInvoiceOf(order({ attempts: [web] }))).toBeNull();
    expect(standing(order({ attempts: [web] })).key).toBe("paid.elsewhere");
  });
});
