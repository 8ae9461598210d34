import { afterEach, describe, expect, it, vi } from "vitest";
import type { Stream, Track } from "../src/api/types";
import { Heard } from "../src/state/plays";
import { ask, encoding, type Grant, granted } from "../src/state/stream";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const stream = (over: Partial<Stream> = {}): Stream => ({
  access: "full",
  url: "/media/x",
  expires_at: "2026-11-25T12:05:00Z",
  content_type: "audio/mp4",
  duration_ms: 180_000,
  preview_start_ms: 42_000,
  reason: "holder",
  detail: "",
  download: true,
  play_token: "token",
  play_after_ms: 10_000,
  ...over,
});
const track = { id: "t", preview_url: "/ipfs/b" } as Track;
const heard = (from: number, to: number, by: number, grant: Grant, listener: Heard) => {
  for (let at = from; at <= to; at += by) listener.at(at, grant);
};

describe("what may be played", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("renews a link before it ends, also where the clock is wrong", () => {
    expect(granted(stream(), NOW).renewAt).toBe(NOW + 270_000);
    const late = NOW + 86_400_000;
    expect(granted(stream(), late).renewAt).toBe(late + 270_000);
  });

  it("places the preview where it stands in the track", () => {
    expect(granted(stream(), NOW).from).toBe(0);
    expect(granted(stream({ access: "preview" }), NOW)).toMatchObject({ full: false, from: 42 });
  });

  it("falls back to the open preview when the server stumbles, never to more", async () => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 503 }));
    const found = await ask(track, null, "aac", new AbortController().signal);
    expect(found).toMatchObject({ url: "/ipfs/b", full: false, why: "service", token: null });
  });

  it("says so when a refusal is meant", async () => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 404 }));
    await expect(ask(track, null, "aac", new AbortController().signal)).rejects.toThrow();
  });

  it("asks for the encoding that the browser can play", () => {
    expect(encoding({ canPlayType: () => "probably" })).toBe("aac");
    expect(encoding({ canPlayType: () => "" })).toBe("opus");
  });
});

describe("a play", () => {
  const told = () => {
    const fetched = vi.fn(async () => new Response('{"counted": true, "reason": "counted"}'));
    vi.stubGlobal("fetch", fetched);
    return fetched;
  };
  afterEach(() => vi.unstubAllGlobals());

  it("is told once, when enough was heard", async () => {
    const fetched = told();
    const listener = new Heard("t");
    heard(0, 9, 0.25, granted(stream(), NOW), listener);
    expect(fetched).not.toHaveBeenCalled();
    heard(9, 60, 0.25, granted(stream(), NOW), listener);
    await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(1));
  });

  it("is not made of jumps, and not of what another link played", async () => {
    const fetched = told();
    const listener = new Heard("t");
    heard(0, 100, 5, granted(stream(), NOW), listener);
    heard(0, 9, 0.25, granted(stream(), NOW), listener);
    listener.renewed();
    heard(9, 14, 0.25, granted(stream(), NOW), listener);
    await Promise.resolve();
    expect(fetched).not.toHaveBeenCalled();
  });
});
