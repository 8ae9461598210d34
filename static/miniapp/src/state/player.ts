import { Problem } from "../api/problem";
import type { Release, Track } from "../api/types";
import { haptic } from "../telegram";
import { Ahead } from "./ahead";
import { keepPlace } from "./keptqueue";
import { describe, silent, tellPosition } from "./mediakeys";
import { Heard } from "./plays";
import { previewOver } from "./prompt";
import * as order from "./queue";
import {
  audio,
  duration,
  grant,
  inside,
  muted,
  over,
  playing,
  seconds,
  sounds,
  type Trouble,
  trouble,
  waiting,
} from "./sound";
import { ask, encoding, type Grant, preview } from "./stream";
import { current, hasNext, type Playing, queue } from "./upnext";

export { audible, duration, grant, muted, playing, seconds, trouble, waiting } from "./sound";
export { current, hasNext, hasPrevious, type Playing } from "./upnext";

/** So many failures within this time are borne by asking for another link; then there is less. */
const TRIES = 2;
const WITHIN_MS = 30_000;
/** Who has just collected, or linked a wallet, presses play again: rights this old are asked anew. */
const RIGHTS_MS = 60_000;
/** The place is written down so often; the next track's link is asked for so long before the end. */
const KEEP_S = 5;
const AHEAD_S = 20;

let asking: AbortController | null = null;
let heard: Heard | null = null;
let failures: number[] = [];
const ahead = new Ahead();
/** When the place was last written down, seconds of this element's clock. */
let kept = 0;
/** Whether it should sound: survives a renewal and a lost connection. */
let wanted = false;
/** Where a link that is being asked for has to go on, seconds of the whole track. */
let aim: number | null = null;

audio.onplay = () => {
  wanted = true;
  playing.value = true;
};
audio.onpause = () => {
  if (!audio.ended && !audio.error) wanted = false;
  playing.value = false;
  waiting.value = false;
};
audio.onwaiting = () => {
  if (navigator.onLine === false) halt("offline");
  else waiting.value = true;
};
audio.onstalled = () => {
  if (navigator.onLine === false && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) {
    halt("offline");
  }
};
audio.onplaying = () => {
  waiting.value = false;
  trouble.value = null;
};
audio.ontimeupdate = () => {
  const now = grant.value;
  if (!now || aim !== null || audio.paused) return;
  inside.value = audio.currentTime;
  heard?.at(audio.currentTime, now);
  tellPosition(seconds.value, duration.value, audio.playbackRate);
  if (Math.abs(audio.currentTime - kept) > KEEP_S) keep();
  if (over(now) && !asking) renew();
  else prepareNext();
};
audio.ondurationchange = () => {
  if (Number.isFinite(audio.duration)) sounds.value = audio.duration;
};
audio.onended = () => {
  if (current.value && grant.value) previewOver(current.value, grant.value);
  if (queue.value.repeat === "one") start(queue.value.place);
  else if (hasNext.value) next();
  else {
    wanted = false;
    inside.value = 0;
    keep();
  }
};
audio.onvolumechange = () => {
  muted.value = audio.muted;
};
audio.onerror = () => {
  const now = current.value;
  if (asking || !grant.value || !now) return;
  if (navigator.onLine === false) return halt("offline");
  failures = [...failures.filter((at) => Date.now() - at < WITHIN_MS), Date.now()];
  const less = grant.value.full ? preview(now.track) : null;
  if (failures.length <= TRIES) renew();
  else if (less) accept(less);
  else halt("failed");
};
addEventListener("online", () => {
  if (trouble.value === "offline" && current.value) renew();
});
/** So that the pause before the next track is short. */
function prepareNext(): void {
  const at = queue.value.repeat === "one" ? null : order.following(queue.value);
  const next = at === null ? undefined : queue.value.list[at];
  if (next && sounds.value > 0 && sounds.value - inside.value < AHEAD_S) {
    ahead.prepare(next, encoding(audio));
  }
}

/** Writes down where we are: for a reload. */
export function keep(): void {
  kept = audio.currentTime;
  if (current.value) keepPlace(current.value.key, seconds.value);
}

function halt(what: Trouble): void {
  trouble.value = what;
  waiting.value = false;
  playing.value = false;
}

/** Asks for a link and goes on with it where we are when it comes. */
async function load(): Promise<void> {
  const now = current.value;
  if (!now) return;
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  trouble.value = null;
  waiting.value = audio.paused;
  try {
    const found = await ask(now.track, now.item, encoding(audio), mine.signal);
    if (asking !== mine) return;
    asking = null;
    accept(found);
  } catch (error) {
    if (asking !== mine) return;
    asking = null;
    aim = null;
    audio.pause();
    halt(error instanceof Problem && error.code === "offline" ? "offline" : "failed");
  }
}

function accept(found: Grant): void {
  const into = Math.max(0, (aim ?? seconds.value) - found.from);
  if (grant.value?.full !== found.full) sounds.value = 0;
  const go = wanted; // the pause of the old sound is not meant for the new one
  aim = null;
  grant.value = found;
  inside.value = into;
  heard?.renewed();
  audio.src = found.url;
  audio.onloadedmetadata = () => {
    audio.onloadedmetadata = null;
    // What is shorter than before begins anew, instead of being over at once.
    const place = into < audio.duration - 0.5 ? into : 0;
    if (place > 0) audio.currentTime = place;
    inside.value = place;
  };
  if (go) void resume();
  else waiting.value = false;
}

/** A fresh link for the same track, at the same place. */
function renew(): void {
  void load();
}

async function resume(): Promise<void> {
  wanted = true;
  try {
    await audio.play();
  } catch (error) {
    // Interrupted by a newer choice is no failure; an unplayable source tells it by its event.
    const { name } = error as DOMException;
    if (name === "NotAllowedError") {
      wanted = false;
      waiting.value = false;
      playing.value = false;
    }
  }
}

function start(at: number): void {
  queue.value = { ...queue.value, place: at };
  const now = current.value;
  if (!now) return;
  grant.value = null;
  inside.value = 0;
  sounds.value = 0;
  failures = [];
  wanted = true;
  aim = null;
  heard = new Heard(now.track.id);
  audio.removeAttribute("src");
  audio.load(); // within the press: Safari then lets the sound begin after the answer
  describe(now);
  keep();
  const ready = ahead.take(now.key);
  if (ready) accept(ready);
  else void load();
}

/** Plays `list` from `at` on, instead of what was there. */
export function playList(list: Playing[], at: number): void {
  if (list.length === 0) return;
  queue.value = order.begun(list, at, queue.value);
  start(queue.value.place);
}

/** A press on a track of a list: plays the list from it on, or pauses and resumes it. */
export function playFrom(list: Playing[], track: string): void {
  haptic.tap();
  if (current.peek()?.track.id === track) toggleCurrent();
  else {
    playList(
      list,
      list.findIndex((each) => each.track.id === track),
    );
  }
}

/** Puts it behind the one that plays; with nothing there, it plays. */
export function queueNext(...list: Playing[]): void {
  if (current.value) queue.value = order.added(queue.value, list, "next");
  else playList(list, 0);
}

/** Puts it at the end; with nothing there, it plays. */
export function queueLast(...list: Playing[]): void {
  if (current.value) queue.value = order.added(queue.value, list, "last");
  else playList(list, 0);
}

/** Plays one that stands in the queue. */
export function jump(key: number): void {
  const at = queue.value.list.findIndex((entry) => entry.key === key);
  if (at >= 0) start(at);
}

/** Plays `track` with the release's other tracks behind it, or pauses and resumes it. */
export function toggle(
  track: Track,
  release: Release & { tracks?: Track[] },
  drop: string,
  item: string | null = null,
): void {
  const now = current.value;
  if (now?.track.id === track.id && (now.item === item || grant.value?.full)) {
    toggleCurrent();
    return;
  }
  const tracks = (release.tracks ?? [track]).filter((each) => item || each.preview_url);
  playList(
    tracks.map((each) => ({ track: each, release, drop, item })),
    tracks.findIndex((each) => each.id === track.id),
  );
}

export function toggleCurrent(): void {
  if (trouble.value) again();
  else if (!audio.paused || (asking && wanted)) pause();
  else if (mayHaveChanged()) again();
  else void resume();
}

/** Asks again who may hear what, and goes on at the same place. */
export function again(): void {
  failures = [];
  wanted = true;
  renew();
}

export function pause(): void {
  wanted = false;
  asking?.abort();
  asking = null;
  aim = null;
  audio.pause();
  playing.value = false;
  waiting.value = false;
  keep();
}

export function toggleMute(): void {
  audio.muted = !audio.muted;
}

function mayHaveChanged(): boolean {
  const now = grant.value;
  if (!now || over(now)) return true;
  const less = !now.full && now.why !== "guest" && now.why !== "not_ready";
  return less && Date.now() - now.askedAt > RIGHTS_MS;
}

export function next(): void {
  const at = order.following(queue.value);
  if (at !== null) start(at);
}

export function previous(): void {
  const at = order.before(queue.value);
  if (inside.value > 3 || at === null) seek(grant.value?.from ?? 0);
  else start(at);
}

/** To a second of the whole track; what cannot be heard is not gone to. */
export function seek(to: number): void {
  const now = grant.value;
  if (!Number.isFinite(to)) return;
  if (!now) {
    // Nothing is loaded yet, as after a reload: it begins there.
    inside.value = Math.min(Math.max(0, to), duration.value);
    return;
  }
  const most = Math.max(0, (sounds.value || duration.value) - 0.2);
  inside.value = Math.min(Math.max(0, to - now.from), most);
  heard?.jumped();
  if (over(now)) {
    aim = seconds.value;
    renew();
  } else audio.currentTime = inside.value;
}

export function stop(): void {
  pause();
  audio.removeAttribute("src");
  audio.load();
  grant.value = null;
  trouble.value = null;
  queue.value = { ...order.nothing, repeat: queue.value.repeat, shuffled: queue.value.shuffled };
  silent();
}

/** A queue of the last visit, silent, at this second of its track. */
export function resumeVisit(before: order.Queue, at: number): void {
  queue.value = order.adopted(before);
  inside.value = at;
  if (current.value) heard = new Heard(current.value.track.id);
}
