import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InTurn } from "../src/ui/inturn";

const words = (root: Element) => root.textContent;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("what the application opens with comes part by part, a later page whole", async () => {
  const first = document.createElement("div");
  const page = (
    <InTurn>
      <p>one</p>
      {false}
      <p>two</p>
    </InTurn>
  );
  render(page, first);
  expect(words(first)).toBe("");
  const seen = new Set<string | null>();
  for (let turn = 0; turn < 12; turn++) {
    await vi.advanceTimersByTimeAsync(20);
    seen.add(words(first));
  }
  expect([...seen].filter(Boolean)).toEqual(["one", "onetwo"]);

  const later = document.createElement("div");
  render(page, later);
  expect(words(later)).toBe("onetwo");
});
