import { signal } from "@preact/signals";
import { api } from "../api";
import type { Notices } from "../api/types";
import { telegram } from "../telegram";
import { put } from "./query";

export const NOTICES = "notices";
const ASKED = "tonality.asked";

/** A kind of message that somebody is asked about at the moment when it begins to mean something. */
export interface Offer {
  kind: "drop" | "gift";
  /** Whose news it is. */
  name: string;
}

export const offer = signal<Offer | null>(null);

function askedBefore(kind: string): boolean {
  try {
    return (localStorage.getItem(ASKED) ?? "").split(" ").includes(kind);
  } catch {
    return false;
  }
}

/** Once for each kind, whatever the answer: it stays under Notifications. */
export function noteAsked(kind: string): void {
  try {
    const before = (localStorage.getItem(ASKED) ?? "").split(" ").filter(Boolean);
    localStorage.setItem(ASKED, [...new Set([...before, kind])].join(" "));
  } catch {
    // Without storage the question comes again, at most once for each visit.
  }
}

/**
 * After an artist was followed ("drop") or a gift was sent ("gift"), inside Telegram: would they
 * like to hear of it? Nobody is asked twice, nor for what they have chosen already.
 */
export async function offerNotices(kind: Offer["kind"], name: string): Promise<void> {
  if (!canAsk() || askedBefore(kind) || offer.peek()) return;
  const known = await api.notices().catch(() => null);
  if (!known) return;
  put<Notices>(NOTICES, () => known);
  const on = known.kinds.find((one) => one.kind === kind)?.on ?? true;
  if (!on) offer.value = { kind, name };
}

export const canAsk = () => Boolean(telegram.value?.isVersionAtLeast("6.9"));

/** Telegram's own question whether the bot may write; the server learns the answer. */
export async function askToWrite(known: Notices | null): Promise<Notices | null> {
  const app = telegram.value;
  if (known?.access === "allowed" || !app?.requestWriteAccess) return known;
  const allowed = await new Promise<boolean>((answered) => app.requestWriteAccess?.(answered));
  const fresh = await api.writeAccess(allowed);
  put<Notices>(NOTICES, () => fresh);
  return fresh;
}

/** Shown at once; taken back when the server says no. Throws what went wrong. */
export async function switchKind(kind: string, on: boolean): Promise<void> {
  let before: Notices | null = null;
  put<Notices>(NOTICES, (known) => {
    before = known;
    return (
      known && {
        ...known,
        kinds: known.kinds.map((one) => (one.kind === kind ? { ...one, on } : one)),
      }
    );
  });
  await saved(api.changeNotices({ kinds: { [kind]: on } }), before);
}

export async function setQuiet(quiet: Notices["quiet"]): Promise<void> {
  let before: Notices | null = null;
  put<Notices>(NOTICES, (known) => {
    before = known;
    return known && { ...known, quiet };
  });
  await saved(api.changeNotices({ quiet }), before);
}

async function saved(change: Promise<Notices>, before: Notices | null): Promise<void> {
  try {
    const fresh = await change;
    put<Notices>(NOTICES, () => fresh);
  } catch (error) {
    if (before) put<Notices>(NOTICES, () => before);
    throw error;
  }
}

export const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Minutes of "22:30"; null for what is no time. */
export function minutes(text: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

export const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
