import { beforeEach, expect, test, vi } from "vitest";
import type { Me, Preferences, PreferencesChange } from "../src/api/types";

const FIRST: Preferences = { language: "", currency: "USD", theme: "system", shown: true };

interface Call {
  change: PreferencesChange;
  answer: (preferences: Preferences) => Promise<void>;
  refuse: () => Promise<void>;
}

const settle = () => new Promise<void>((done) => setTimeout(done));

/** The page of somebody signed in; calls are answered by hand. */
async function opened() {
  vi.resetModules();
  localStorage.clear();
  const { api } = await import("../src/api");
  const { signedIn } = await import("../src/api/session");
  const calls: Call[] = [];
  vi.spyOn(api, "prefer").mockImplementation(
    (change) =>
      new Promise((resolve, reject) => {
        calls.push({
          change,
          answer: (preferences) => {
            resolve({ preferences } as Me);
            return settle();
          },
          refuse: () => {
            reject(new Error("no"));
            return settle();
          },
        });
      }),
  );
  signedIn.value = "yes";
  const { prefer, preferences } = await import("../src/state/preferences");
  return { calls, prefer, preferences };
}

beforeEach(() => {
  vi.restoreAllMocks();
});

test("an answer does not take back what was chosen after its question", async () => {
  const { calls, prefer, preferences } = await opened();
  const first = prefer({ theme: "dark" });
  const second = prefer({ currency: "RUB" });
  await settle();
  expect(calls.map((each) => each.change)).toEqual([{ theme: "dark" }]);
  await calls[0]?.answer({ ...FIRST, theme: "dark" });
  expect(preferences.value).toEqual({ ...FIRST, theme: "dark", currency: "RUB" });
  await calls[1]?.answer({ ...FIRST, theme: "dark", currency: "RUB" });
  await Promise.all([first, second]);
  expect(preferences.value).toEqual({ ...FIRST, theme: "dark", currency: "RUB" });
});

test("what is refused is taken back alone", async () => {
  const { calls, prefer, preferences } = await opened();
  const first = prefer({ theme: "dark" });
  const second = prefer({ currency: "RUB" });
  const refused = expect(first).rejects.toThrow("no");
  await settle();
  await calls[0]?.refuse();
  await refused;
  expect(preferences.value).toEqual({ ...FIRST, currency: "RUB" });
  await calls[1]?.answer({ ...FIRST, currency: "RUB" });
  await second;
  expect(preferences.value).toEqual({ ...FIRST, currency: "RUB" });
});
