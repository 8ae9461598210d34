import { describe, expect, it } from "vitest";
import { coins, decimal, price, priceUp, shares } from "../src/state/money";

describe("money", () => {
  it("rounds a bound up, never down", () => {
    expect(priceUp(8_291_222n)).toBe("0.009\u00a0TON");
    expect(priceUp(9_000_000n)).toBe("0.009\u00a0TON");
  });

  it("is exact beyond what a float can hold", () => {
    expect(decimal(9_007_199_254_740_993_123_456_789n, 9)).toBe("9007199254740993.123456789");
  });

  it("drops zeros that say nothing", () => {
    expect(decimal(2_500_000_000n, 9)).toBe("2.5");
    expect(decimal(3_000_000_000n, 9)).toBe("3");
    expect(decimal(1n, 9)).toBe("0.000000001");
    expect(decimal(7n, 0)).toBe("7");
  });

  it("names the coin by its setting, after a space that does not break", () => {
    expect(price(coins(2_500_000_000n))).toBe("2.5\u00a0TON");
  });

  it("counts Stars in words", () => {
    expect(price({ asset: "XTR", amount: "1" })).toBe("1\u00a0Star");
    expect(price({ asset: "XTR", amount: "1233" })).toBe("1,233\u00a0Stars");
  });

  it("splits a price so that the parts always sum to it", () => {
    const parts = shares(coins(1_000_000_001n), 1000);
    expect(parts.platform.amount).toBe("100000000");
    expect(parts.artist.amount).toBe("900000001");
  });
});
