/**
 * The queue survives a reload, on this device: which tracks, where in them, and how they repeat.
 * Only what everyone may see is kept: no links to full tracks, and nothing of the person.
 */
import type { Track } from "../api/types";
import type { Entry, Queue, Repeat } from "./queue";

const KEPT = "tonality.queue";
const PLACE = "tonality.queue.place";
const VERSION = 1;
/** Of a longer queue those around the one that plays are kept. */
const MOST = 200;
const POINTS = 72;

interface Kept {
  version: number;
  list: Entry[];
  place: number;
  straight: number[];
  shuffled: boolean;
  repeat: Repeat;
}

/** Where we are in the one that plays, seconds of the whole track. */
interface Place {
  key: number;
  seconds: number;
}

/** The loudest point of each of 72 stretches: as much as the player draws. */
function drawn(points: number[] | null): number[] | null {
  if (!points || points.length <= POINTS) return points;
  const wide = points.length / POINTS;
  return Array.from({ length: POINTS }, (_, at) =>
    Math.max(...points.slice(Math.floor(at * wide), Math.max(1, Math.floor((at + 1) * wide)))),
  );
}

/** Only paths of open bytes: a signed link is never written down. */
const open = (url: string | null) => (url?.startsWith("/ipfs/") ? url : null);

function slim(entry: Entry): Entry {
  const { id, title, artist, cover, colours, genre } = entry.release;
  const track: Track = {
    ...entry.track,
    preview_url: open(entry.track.preview_url),
    waveform: drawn(entry.track.waveform),
  };
  return {
    key: entry.key,
    drop: entry.drop,
    item: entry.item,
    track,
    release: {
      id,
      title,
      artist,
      cover: { ...cover, url: open(cover.url) ?? "" },
      colours,
      genre,
    },
  };
}

export function packed(queue: Queue): string {
  const from = Math.max(0, Math.min(queue.place - MOST / 4, queue.list.length - MOST));
  const list = queue.list.slice(from, from + MOST).map(slim);
  const keys = new Set(list.map((entry) => entry.key));
  const { shuffled, repeat } = queue;
  const straight = queue.straight.filter((key) => keys.has(key));
  const kept: Kept = {
    version: VERSION,
    list,
    place: queue.place - from,
    straight,
    shuffled,
    repeat,
  };
  return JSON.stringify(kept);
}

/** The queue out of what was kept; null for what is none, or was kept by another version. */
export function unpacked(text: string | null): Queue | null {
  try {
    const kept = JSON.parse(text ?? "null") as Kept | null;
    if (kept?.version !== VERSION || kept.list.length === 0) return null;
    const whole = kept.list.every((entry) => entry.key && entry.track.id && entry.release.artist);
    if (!whole || !kept.list[kept.place] || kept.straight.length !== kept.list.length) return null;
    const { list, place, straight, shuffled, repeat } = kept;
    return { list, place, straight, shuffled, repeat };
  } catch {
    return null;
  }
}

export function keepQueue(queue: Queue): void {
  try {
    if (queue.list.length > 0) localStorage.setItem(KEPT, packed(queue));
    else {
      localStorage.removeItem(KEPT);
      localStorage.removeItem(PLACE);
    }
  } catch {
    // No storage, or a full one: the queue then lasts as long as the page.
  }
}

export function keepPlace(key: number, seconds: number): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify({ key, seconds: Math.floor(seconds) }));
  } catch {
    // As above.
  }
}

/** What was played when the page was last here, and how far; null when there is nothing. */
export function keptQueue(): { queue: Queue; seconds: number } | null {
  try {
    const queue = unpacked(localStorage.getItem(KEPT));
    if (!queue) return null;
    const place = JSON.parse(localStorage.getItem(PLACE) ?? "null") as Place | null;
    const same = place?.key === queue.list[queue.place]?.key;
    return { queue, seconds: same ? Math.max(0, place?.seconds ?? 0) : 0 };
  } catch {
    return null;
  }
}
