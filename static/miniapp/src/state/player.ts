import { computed, signal } from "@preact/signals";
import type { Release, Track } from "../api/types";

export interface Playing {
  track: Track;
  release: Release;
  drop: string;
}

/** One audio element for the whole visit: pages come and go, the music stays. */
const audio = new Audio();
audio.preload = "none";

const queue = signal<Playing[]>([]);
const place = signal(0);
export const current = computed(() => queue.value[place.value] ?? null);
export const playing = signal(false);
export const waiting = signal(false);
export const failed = signal(false);
export const seconds = signal(0);
export const duration = signal(0);
export const hasNext = computed(() => place.value + 1 < queue.value.length);
export const hasPrevious = computed(() => place.value > 0);

audio.onplay = () => {
  playing.value = true;
};
audio.onpause = () => {
  playing.value = false;
  waiting.value = false;
};
audio.onwaiting = () => {
  waiting.value = true;
};
audio.onplaying = () => {
  waiting.value = false;
};
audio.ontimeupdate = () => {
  seconds.value = audio.currentTime;
};
audio.ondurationchange = () => {
  if (Number.isFinite(audio.duration)) duration.value = audio.duration;
};
audio.onended = () => {
  if (hasNext.value) next();
  else seconds.value = 0;
};
audio.onerror = () => {
  failed.value = true;
  waiting.value = false;
  playing.value = false;
};

function describe(now: Playing): void {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title: now.track.title,
    artist: now.release.artist.name,
    album: now.release.title,
    artwork: [{ src: now.release.cover.url }],
  });
  navigator.mediaSession.setActionHandler("play", () => void resume());
  navigator.mediaSession.setActionHandler("pause", () => audio.pause());
  navigator.mediaSession.setActionHandler("nexttrack", hasNext.value ? next : null);
  navigator.mediaSession.setActionHandler("previoustrack", hasPrevious.value ? previous : null);
}

async function resume(): Promise<void> {
  try {
    await audio.play();
  } catch (error) {
    // Interrupted by a newer choice is no failure.
    if ((error as DOMException).name !== "AbortError") failed.value = true;
  }
}

function start(at: number): void {
  place.value = at;
  const now = current.value;
  if (!now?.track.sample_url) return;
  failed.value = false;
  waiting.value = true;
  seconds.value = 0;
  duration.value = 0;
  audio.src = now.track.sample_url;
  describe(now);
  void resume();
}

/** Plays `track` with the release's other samples behind it, or pauses and resumes it. */
export function toggle(track: Track, release: Release & { tracks?: Track[] }, drop: string): void {
  if (current.value?.track.id === track.id) {
    toggleCurrent();
    return;
  }
  const tracks = (release.tracks ?? [track]).filter((each) => each.sample_url);
  queue.value = tracks.map((each) => ({ track: each, release, drop }));
  start(
    Math.max(
      0,
      tracks.findIndex((each) => each.id === track.id),
    ),
  );
}

export function toggleCurrent(): void {
  if (failed.value) start(place.value);
  else if (audio.paused) void resume();
  else audio.pause();
}

export function next(): void {
  if (hasNext.value) start(place.value + 1);
}

export function previous(): void {
  if (audio.currentTime > 3 || !hasPrevious.value) audio.currentTime = 0;
  else start(place.value - 1);
}

export function seek(to: number): void {
  seconds.value = to;
  audio.currentTime = to;
}

export function stop(): void {
  audio.pause();
  queue.value = [];
}
