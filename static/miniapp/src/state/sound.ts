/** The one sound of the visit, and what is known of it. Who changes it is player.ts. */
import { computed, signal } from "@preact/signals";
import type { Grant } from "./stream";
import { current } from "./upnext";

export type Trouble = "failed" | "offline";

/** One audio element for the whole visit: pages come and go, the music stays. */
export const audio = new Audio();
audio.preload = "auto";

export const playing = signal(false);
export const waiting = signal(false);
export const trouble = signal<Trouble | null>(null);
export const grant = signal<Grant | null>(null);
export const muted = signal(false);

/** Seconds within what is played, and how long that is: not the same as the track's. */
export const inside = signal(0);
export const sounds = signal(0);

/** Where we are, and how long it is: seconds of the whole track, whatever is played of it. */
export const seconds = computed(() => (grant.value?.from ?? 0) + inside.value);
export const duration = computed(() => {
  const whole = (current.value?.track.duration_ms ?? 0) / 1000;
  return grant.value?.full === false ? whole : sounds.value || whole;
});
/** The part that can be heard, as parts of the whole. */
export const audible = computed<[number, number]>(() => {
  const now = grant.value;
  if (!now || now.full || !duration.value || !sounds.value) return [0, 1];
  return [now.from / duration.value, Math.min(1, (now.from + sounds.value) / duration.value)];
});

/** The link has ended, or nearly, and is still needed. */
export function over(now: Grant): boolean {
  return now.renewAt !== null && Date.now() > now.renewAt && !allHere();
}

/** Everything to the end is on this device already: no link is needed any more. */
function allHere(): boolean {
  const { buffered } = audio;
  const last = buffered.length - 1;
  return (
    last >= 0 &&
    buffered.end(last) >= audio.duration - 0.5 &&
    buffered.start(last) <= audio.currentTime
  );
}
