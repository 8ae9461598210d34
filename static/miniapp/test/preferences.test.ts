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
  const { signedIn, user } = await import("../src/api/session");
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
  const asked: ((preferences: Preferences) => Promise<void>)[] = [];
  vi.spyOn(api, "me").mockImplementation(
    () =>
      new Promise((resolve) => {
        asked.push((preferences) => {
          resolve({ preferences } as Me);
          return settle();
        });
      }),
  );
  signedIn.value = "yes";
  user.value = { id: "one" } as typeof user.value;
  const { prefer, preferences, startPreferences } = await import("../src/state/preferences");
  startPreferences();
  return { asked, calls, prefer, preferences };
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

test("what was chosen elsewhere comes under a choice on its way, and never over its answer", async () => {
  const { asked, calls, prefer, preferences } = await opened();
  const early = prefer({ theme: "dark" });
  await settle();
  await asked[0]?.({ ...FIRST, currency: "RUB" });
  expect(preferences.value).toEqual({ ...FIRST, currency: "RUB", theme: "dark" });
  const refused = expect(early).rejects.toThrow("no");
  await calls[0]?.refuse();
  await refused;
  expect(preferences.value).toEqual({ ...FIRST, currency: "RUB" });

  const again = await opened();
  const choice = again.prefer({ theme: "light" });
  await settle();
  await again.calls[0]?.answer({ ...FIRST, theme: "light" });
  await choice;
  await again.asked[0]?.(FIRST);
  expect(again.preferences.value).toEqual({ ...FIRST, theme: "light" });
});
