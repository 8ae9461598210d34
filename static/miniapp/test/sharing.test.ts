import { afterEach, describe, expect, it, vi } from "vitest";
import type { Notices, Shared } from "../src/api/types";
import { clock, minutes, NOTICES, setQuiet, switchKind } from "../src/state/notices";
import { put } from "../src/state/query";
import { addToStory, sendToFriend, waysOf } from "../src/state/sharing";
import { telegram } from "../src/telegram";
import type { WebApp } from "../src/telegram/types";

const shared: Shared = {
  link: "https://t.me/shop/app?startapp=t1-rk7x2m9qa",
  text: "Night Train — Mira",
  picture: "https://shop.example/covers/b/1000.jpeg",
  message: "prepared",
};

function inside(version: string): { app: WebApp; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const app = {
    isVersionAtLeast: (wanted: string) => Number(version) >= Number(wanted),
    shareMessage: (message: string, closed: (sent: boolean) => void) => {
      calls.push(["message", message]);
      closed(message === "prepared");
    },
    shareToStory: (...given: unknown[]) => calls.push(["story", ...given]),
    openTelegramLink: (url: string) => calls.push(["link", url]),
  } as unknown as WebApp;
  telegram.value = app;
  return { app, calls };
}

afterEach(() => {
  telegram.value = null;
  vi.unstubAllGlobals();
});

describe("sharing", () => {
  it("sends the prepared message and says whether it went", async () => {
    const { calls } = inside("8.0");
    expect(await sendToFriend(shared)).toBe(true);
    expect(await sendToFriend({ ...shared, message: "old" })).toBe(false);
    expect(calls).toEqual([
      ["message", "prepared"],
      ["message", "old"],
    ]);
  });

  it("falls back to Telegram's chooser where messages cannot be prepared", async () => {
    const { calls } = inside("7.9");
    expect(await sendToFriend(shared)).toBeNull();
    expect(calls[0]?.[0]).toBe("link");
    expect(String(calls[0]?.[1])).toContain(encodeURIComponent(shared.link));
    inside("8.0");
    expect(await sendToFriend({ ...shared, message: null })).toBeNull();
  });

  it("offers a story only with a picture and a client that can", () => {
    expect(waysOf(shared)).toMatchObject({ friend: false, story: false });
    const { calls } = inside("7.9");
    expect(waysOf(shared)).toMatchObject({ friend: true, story: true, others: false });
    expect(waysOf({ ...shared, picture: "" }).story).toBe(false);
    addToStory({ ...shared, text: "x".repeat(300) });
    expect(calls[0]?.[2]).toMatchObject({ text: "x".repeat(200) });
    inside("7.0");
    expect(waysOf(shared).story).toBe(false);
  });
});

describe("notices", () => {
  const known: Notices = {
    access: "allowed",
    kinds: [{ kind: "drop", on: false, required: false }],
    quiet: null,
  };
  const now = () => {
    let found: Notices | null = null;
    put<Notices>(NOTICES, (state) => {
      found = state;
      return null;
    });
    return found as Notices | null;
  };

  it("shows a change at once and takes it back when it is refused", async () => {
    put<Notices>(NOTICES, () => known);
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 500 }));
    const going = switchKind("drop", true);
    expect(now()?.kinds[0]?.on).toBe(true);
    await expect(going).rejects.toThrow();
    expect(now()?.kinds[0]?.on).toBe(false);
    const resting = setQuiet({ starts: 1, ends: 2, time_zone: "UTC" });
    expect(now()?.quiet?.ends).toBe(2);
    await expect(resting).rejects.toThrow();
    expect(now()?.quiet).toBeNull();
  });

  it("reads and writes the time of the day", () => {
    expect(minutes("22:30")).toBe(1350);
    expect(clock(1350)).toBe("22:30");
    expect(clock(5)).toBe("00:05");
    expect(minutes("24:00")).toBeNull();
    expect(minutes("")).toBeNull();
  });
});
