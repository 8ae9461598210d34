import { api } from "../api";
import { Problem } from "../api/problem";
import type { Stream, Track } from "../api/types";

/** A link is exchanged this long before it ends. */
const MARGIN_MS = 30_000;

/** Why this much is played: the server's reason, or `service` when more cannot be had now. */
export type Why = Stream["reason"] | "service";

export interface Grant {
  url: string;
  full: boolean;
  why: Why;
  /** Seconds of the whole track where what is played begins. */
  from: number;
  /** Of this device's clock; null: never. */
  renewAt: number | null;
  askedAt: number;
  token: string | null;
  /** Seconds after which it counts as heard. */
  after: number;
}

/** AAC plays everywhere; where it does not (a Chromium without codecs), Opus does. */
export function encoding(element: Pick<HTMLMediaElement, "canPlayType">): "aac" | "opus" {
  return element.canPlayType('audio/mp4; codecs="mp4a.40.2"') ? "aac" : "opus";
}

export function granted(stream: Stream, now: number): Grant {
  const full = stream.access === "full";
  const life = Date.parse(stream.expires_at) - now;
  // A device whose clock is wrong still renews: links live five minutes, never longer.
  const safe = life > MARGIN_MS && life < 600_000 ? life - MARGIN_MS : 270_000;
  return {
    url: stream.url,
    full,
    why: stream.reason,
    from: full ? 0 : stream.preview_start_ms / 1000,
    renewAt: now + safe,
    askedAt: now,
    token: stream.play_token,
    after: stream.play_after_ms / 1000,
  };
}

/** The preview as everybody may have it: no link, no rights, nothing to renew. */
export function preview(track: Track): Grant | null {
  if (!track.preview_url) return null;
  return {
    url: track.preview_url,
    full: false,
    why: "service",
    from: 0,
    renewAt: null,
    askedAt: Date.now(),
    token: null,
    after: 0,
  };
}

/** What may be played now. Throws Problem when there is nothing, and when we are offline. */
export async function ask(
  track: Track,
  item: string | null,
  format: "aac" | "opus",
  signal: AbortSignal,
): Promise<Grant> {
  try {
    return granted(await api.stream(track.id, format, item, signal), Date.now());
  } catch (error) {
    if (signal.aborted || !(error instanceof Problem) || !error.transient) throw error;
    const open = navigator.onLine === false ? null : preview(track);
    if (!open) throw error;
    return open;
  }
}
