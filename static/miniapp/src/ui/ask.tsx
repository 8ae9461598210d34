/** Small questions over any page: to sign in, what to do with a track, into which playlist. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { signedIn } from "../api/session";
import type { PlacedTrack, Playlist } from "../api/types";

export type Question =
  | { kind: "signin" }
  | { kind: "track"; placed: PlacedTrack; more: Choice[] }
  | { kind: "add"; placed: PlacedTrack[] }
  | { kind: "playlist"; playlist: Playlist | null; placed: PlacedTrack[] };

/** A further row of a track's menu. */
export interface Choice {
  label: string;
  press: () => void;
  bad?: boolean;
}

export const question = signal<Question | null>(null);

/** True for who is somebody; a guest is invited to sign in instead. */
export function somebody(): boolean {
  if (signedIn.peek() !== "guest") return true;
  question.value = { kind: "signin" };
  return false;
}

export function askTrack(placed: PlacedTrack, more: Choice[] = []): void {
  question.value = { kind: "track", placed, more };
}

/** Into which of one's playlists these tracks go. */
export function addToPlaylist(...placed: PlacedTrack[]): void {
  if (somebody()) question.value = { kind: "add", placed };
}

/** A new playlist, with these tracks in it; or other words for one. */
export function askPlaylist(playlist: Playlist | null, ...placed: PlacedTrack[]): void {
  if (somebody()) question.value = { kind: "playlist", playlist, placed };
}

type Answers = typeof import("./answers");

/** The sheets' code comes when one is first asked for. */
export function AskHost(): JSX.Element | null {
  const [answers, setAnswers] = useState<Answers | null>(null);
  const asked = question.value;
  useEffect(() => {
    if (asked && !answers) void import("./answers").then(setAnswers, () => undefined);
  }, [asked, answers]);
  if (!asked || !answers) return null;
  return <answers.Answer asked={asked} />;
}
