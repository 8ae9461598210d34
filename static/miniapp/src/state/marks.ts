/** Hearts and followed artists: asked for in one call a screen, changed at once, rolled back. */
import { type Signal, signal } from "@preact/signals";
import { library } from "../api/library";
import { asProblem } from "../api/problem";
import { signedIn, user } from "../api/session";
import { haptic } from "../telegram";
import { explain } from "../ui/parts";
import { say } from "../ui/toast";
import { forgetQueries } from "./query";

export type Kind = "tracks" | "artists";

/** The server answers at most so many at once. */
const MOST = 100;
const SOON_MS = 30;

const known: Record<Kind, Map<string, Signal<boolean | null>>> = {
  tracks: new Map(),
  artists: new Map(),
};
const wanted: Record<Kind, Set<string>> = { tracks: new Set(), artists: new Set() };
let timer: ReturnType<typeof setTimeout> | undefined;

/** null: not known yet. */
export function markOf(kind: Kind, id: string): Signal<boolean | null> {
  let mark = known[kind].get(id);
  if (!mark) {
    mark = signal<boolean | null>(null);
    known[kind].set(id, mark);
  }
  return mark;
}

/** Asks for it together with whatever else this screen shows. */
export function want(kind: Kind, id: string): void {
  if (signedIn.peek() === "guest" || markOf(kind, id).peek() !== null) return;
  wanted[kind].add(id);
  if (timer === undefined) timer = setTimeout(() => void ask(), SOON_MS);
}

/** What is known already from a list: a liked track is liked. */
export function note(kind: Kind, id: string, on: boolean): void {
  const mark = markOf(kind, id);
  if (mark.peek() === null) mark.value = on;
}

async function ask(): Promise<void> {
  timer = undefined;
  const take = (kind: Kind) => {
    const ids = [...wanted[kind]].slice(0, MOST);
    for (const id of ids) wanted[kind].delete(id);
    return ids;
  };
  const [tracks, artists] = [take("tracks"), take("artists")];
  if (tracks.length + artists.length === 0) return;
  if (wanted.tracks.size + wanted.artists.size > 0) timer = setTimeout(() => void ask(), SOON_MS);
  try {
    const found = await library.marks(tracks, artists);
    for (const id of tracks) note("tracks", id, found.liked.includes(id));
    for (const id of artists) note("artists", id, found.followed.includes(id));
  } catch {
    // Without an answer the hearts stay empty; a press tells what is wrong.
  }
}

/** The newest press of each: an older answer that comes late changes nothing. */
const presses = new Map<string, number>();

async function change(kind: Kind, id: string, on: boolean, send: () => Promise<unknown>) {
  const mark = markOf(kind, id);
  const before = mark.peek();
  const press = (presses.get(id) ?? 0) + 1;
  presses.set(id, press);
  mark.value = on;
  haptic.tap();
  try {
    await send();
    forgetQueries(kind === "tracks" ? "likes" : "follows");
  } catch (error) {
    if (presses.get(id) !== press) return;
    mark.value = before;
    haptic.error();
    say(explain(asProblem(error)));
  }
}

export const setLiked = (track: string, on: boolean) =>
  change("tracks", track, on, () => library.like(track, on));

export const setFollowed = (artist: { id: string; slug: string }, on: boolean) =>
  change("artists", artist.id, on, () => library.follow(artist.slug, on));

/** Somebody else's hearts are not ours. */
let whose = user.peek()?.id ?? null;
user.subscribe((who) => {
  if ((who?.id ?? null) === whose) return;
  whose = who?.id ?? null;
  for (const kind of ["tracks", "artists"] as const) {
    for (const [id, mark] of known[kind]) {
      mark.value = null;
      if (who) want(kind, id);
    }
  }
});
