/** What is played one after another. No sound here: every function answers another queue. */
import type { Release, Track } from "../api/types";

export interface Playing {
  track: Track;
  release: Release;
  drop: string;
  /** The edition whose page it was started from: it says who holds it. */
  item: string | null;
}

/** The same track may stand in a queue twice: its key tells one place from the other. */
export interface Entry extends Playing {
  key: number;
}

export type Repeat = "off" | "all" | "one";

export interface Queue {
  /** In the order in which it is played. */
  list: Entry[];
  /** Where in `list` we are. */
  place: number;
  /** Keys in the order in which it was put together: what shuffling goes back to. */
  straight: number[];
  shuffled: boolean;
  repeat: Repeat;
}

/** More than this is never kept: the tail of what is added is left out. */
export const MOST = 500;

export const nothing: Queue = { list: [], place: 0, straight: [], shuffled: false, repeat: "off" };

let keys = 0;
const keyed = (list: Playing[]): Entry[] =>
  list.map(({ track, release, drop, item }) => ({ track, release, drop, item, key: ++keys }));
/** A queue of an earlier visit: what is added to it gets keys of its own. */
export function adopted(queue: Queue): Queue {
  keys = Math.max(keys, ...queue.list.map((entry) => entry.key));
  return queue;
}

const keysOf = (list: Entry[]) => list.map((entry) => entry.key);

/** Fisher and Yates; `random` answers 0..1. */
function mixed<T>(list: T[], random: () => number): T[] {
  const made = [...list];
  for (let last = made.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [made[last], made[other]] = [made[other] as T, made[last] as T];
  }
  return made;
}

/** A new list, begun at `at`. Whoever shuffles goes on shuffling, from the one begun with. */
export function begun(
  list: Playing[],
  at: number,
  before: Queue,
  random: () => number = Math.random,
): Queue {
  const from = Math.max(0, at - MOST + 1);
  const cut = keyed(list.slice(from, from + MOST));
  const place = Math.min(Math.max(0, at - from), Math.max(0, cut.length - 1));
  const plain = { ...before, list: cut, place, straight: keysOf(cut), shuffled: false };
  return before.shuffled ? shuffle(plain, random) : plain;
}

/** Puts `added` behind the one that plays, or at the end. */
export function added(queue: Queue, list: Playing[], where: "next" | "last"): Queue {
  const fresh = keyed(list.slice(0, Math.max(0, MOST - queue.list.length)));
  const playing = queue.list[queue.place];
  const behind = where === "next" && playing;
  const at = behind ? queue.place + 1 : queue.list.length;
  const straightAt = behind ? queue.straight.indexOf(playing.key) + 1 : queue.straight.length;
  return {
    ...queue,
    list: queue.list.toSpliced(at, 0, ...fresh),
    straight: queue.straight.toSpliced(straightAt, 0, ...keysOf(fresh)),
  };
}

/** Moves one to `to` of the list; what plays goes on playing. */
export function moved(queue: Queue, key: number, to: number): Queue {
  const from = queue.list.findIndex((entry) => entry.key === key);
  const entry = queue.list[from];
  if (!entry) return queue;
  const playing = queue.list[queue.place]?.key;
  const at = Math.min(Math.max(0, to), queue.list.length - 1);
  const list = queue.list.toSpliced(from, 1).toSpliced(at, 0, entry);
  const place = Math.max(
    0,
    list.findIndex((each) => each.key === playing),
  );
  return { ...queue, list, place, straight: queue.shuffled ? queue.straight : keysOf(list) };
}

/** Takes one out. Of the one that plays, the next takes the place. */
export function removed(queue: Queue, key: number): Queue {
  const at = queue.list.findIndex((entry) => entry.key === key);
  if (at < 0) return queue;
  const list = queue.list.toSpliced(at, 1);
  const place = at < queue.place ? queue.place - 1 : queue.place;
  return {
    ...queue,
    list,
    place: Math.max(0, Math.min(place, list.length - 1)),
    straight: queue.straight.filter((each) => each !== key),
  };
}

/** Nothing comes after the one that plays. */
export function cleared(queue: Queue): Queue {
  const list = queue.list.slice(0, queue.place + 1);
  const kept = new Set(keysOf(list));
  return { ...queue, list, straight: queue.straight.filter((key) => kept.has(key)) };
}

/** The one that plays stays and comes first, all others follow by chance. */
export function shuffle(queue: Queue, random: () => number = Math.random): Queue {
  const playing = queue.list[queue.place];
  if (!playing) return { ...queue, shuffled: true };
  const others = queue.list.filter((entry) => entry.key !== playing.key);
  return { ...queue, list: [playing, ...mixed(others, random)], place: 0, shuffled: true };
}

/** Back to the order in which it was put together; the one that plays stays. */
export function unshuffle(queue: Queue): Queue {
  const playing = queue.list[queue.place]?.key;
  const order = new Map(queue.straight.map((key, at) => [key, at]));
  const list = queue.list.toSorted((a, b) => (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0));
  const place = list.findIndex((entry) => entry.key === playing);
  return { ...queue, list, place: Math.max(0, place), shuffled: false };
}

/** Where "next" leads to; null: nowhere. Repeating all, the first follows the last. */
export function following(queue: Queue): number | null {
  if (queue.place + 1 < queue.list.length) return queue.place + 1;
  return queue.repeat === "all" && queue.list.length > 0 ? 0 : null;
}

/** Where "previous" leads to; null: nowhere. */
export function before(queue: Queue): number | null {
  if (queue.place > 0) return queue.place - 1;
  return queue.repeat === "all" && queue.list.length > 1 ? queue.list.length - 1 : null;
}
