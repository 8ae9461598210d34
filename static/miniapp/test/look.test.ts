import { describe, expect, it } from "vitest";
import type { Order } from "../src/api/types";
import { stages } from "../src/screens/progress";
import { lit, luminance, readableOn } from "../src/state/colours";
import { span } from "../src/ui/edition";
import { bars, clock } from "../src/ui/waveform";

const order = (state: Order["state"]) => ({ state }) as Order;

describe("what is drawn", () => {
  it("puts readable words on any cover's colour", () => {
    const contrast = (one: string, other: string) => {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
    };
    for (const colour of ["#7a1f3d", "#ff9db8", "#777777", "#0f4c5c", "#ffffff", "#000000"]) {
      expect(contrast(colour, readableOn(colour))).toBeGreaterThan(4.2);
    }
  });

  it("takes no colour that is none", () => {
    expect(lit({ deep: "red;}", bright: "#ffffff" })).toEqual({});
  });

  it("draws as many bars as asked, however many points there are", () => {
    expect(bars([0, 255, 0, 0], 2)).toEqual([1, 0.08]);
    expect(bars(null, 3)).toHaveLength(3);
    expect(bars([255], 4)).toHaveLength(4);
  });

  it("counts down without going below zero", () => {
    expect(span(90_061_000)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
    expect(span(-5)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
    expect(clock(61.9)).toBe("1:01");
  });

  it("walks an order from signed over on chain to yours", () => {
    expect(stages(order("awaiting_payment"), undefined)).toEqual(["now", "later", "later"]);
    const signed = { stage: "signed" as const, at: 0 };
    expect(stages(order("awaiting_payment"), signed)).toEqual(["done", "now", "later"]);
    expect(stages(order("paid"), undefined)).toEqual(["done", "done", "now"]);
    expect(stages(order("fulfilled"), undefined)).toEqual(["done", "done", "done"]);
  });
});
