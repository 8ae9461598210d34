import { expect, test } from "vitest";
import { put, refresh } from "../src/state/query";

/** Reads that are answered by hand, in order. */
function desk() {
  const open: ((told: string) => void)[] = [];
  const load = () =>
    new Promise<string>((resolve) => {
      open.push(resolve);
    });
  const answer = async (told: string) => {
    open.shift()?.(told);
    await new Promise((done) => setTimeout(done));
  };
  return { open, load, answer };
}

function shown(key: string): string | null {
  let data: string | null = null;
  put<string>(key, (known) => {
    data = known;
    return null;
  });
  return data;
}

test("what changes while it is being read is read once more", async () => {
  const { open, load, answer } = desk();
  const first = refresh("race", load);
  const second = refresh("race", load);
  await answer("before the change");
  expect(shown("race")).toBeNull();
  expect(open.length).toBe(1);
  await answer("after it");
  await Promise.all([first, second]);
  expect(shown("race")).toBe("after it");
  expect(open.length).toBe(0);
});

test("an older read does not write over what came by another way", async () => {
  const { open, load, answer } = desk();
  const reading = refresh("older", load);
  put<string>("older", () => "from the socket");
  await answer("older");
  expect(shown("older")).toBe("from the socket");
  await answer("the newest");
  await reading;
  expect(shown("older")).toBe("the newest");
  expect(open.length).toBe(0);
});

test("nothing changed, nothing is read twice", async () => {
  const { open, load, answer } = desk();
  const reading = refresh("once", load);
  await answer("told");
  await reading;
  expect(shown("once")).toBe("told");
  expect(open.length).toBe(0);
});
