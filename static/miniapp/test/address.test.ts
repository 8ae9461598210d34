import { describe, expect, it } from "vitest";
import { friendly, raw, same } from "../src/ton/address";

const RAW = `0:${"ab".repeat(32)}`;

describe("addresses", () => {
  it("reads back what it writes, in each form", () => {
    for (const testnet of [true, false]) {
      for (const bounceable of [true, false]) {
        expect(raw(friendly(RAW, testnet, bounceable))).toBe(RAW);
      }
    }
  });

  it("knows the form that other software writes", () => {
    // Zero address of the basechain, as TEP-2 implementations print it.
    expect(raw("EQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAM9c")).toBe(`0:${"00".repeat(32)}`);
  });

  it("refuses a mistyped letter, another chain and junk", () => {
    const good = friendly(RAW, false);
    const last = good.at(-1) === "A" ? "B" : "A";
    expect(raw(good.slice(0, -1) + last)).toBeNull();
    expect(raw(`-1:${"ab".repeat(32)}`)).toBeNull();
    expect(raw("hello")).toBeNull();
    expect(raw("")).toBeNull();
  });

  it("compares across forms", () => {
    expect(same(RAW.toUpperCase().replace("0:", "0:"), friendly(RAW, true))).toBe(true);
    expect(same(null, RAW)).toBe(false);
  });
});
