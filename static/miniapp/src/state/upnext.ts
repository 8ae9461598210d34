/** The queue of this visit: what is next, and what may be done with it. The sound is player.ts. */
import { computed, signal } from "@preact/signals";
import * as order from "./queue";

export type { Entry, Playing, Repeat } from "./queue";

export const queue = signal(order.nothing);
export const current = computed(() => queue.value.list[queue.value.place] ?? null);
/** What comes after the one that plays, in order. */
export const upNext = computed(() => queue.value.list.slice(queue.value.place + 1));
export const shuffled = computed(() => queue.value.shuffled);
export const repeat = computed(() => queue.value.repeat);
export const hasNext = computed(() => order.following(queue.value) !== null);
export const hasPrevious = computed(() => order.before(queue.value) !== null);

/** To `to` of what comes next, 0 is at once. */
export function moveNext(key: number, to: number): void {
  queue.value = order.moved(queue.value, key, queue.value.place + 1 + Math.max(0, to));
}

/** Takes out one of those that come; the one that plays is ended by its own buttons. */
export function removeNext(key: number): void {
  if (key !== current.value?.key) queue.value = order.removed(queue.value, key);
}

export function clearNext(): void {
  queue.value = order.cleared(queue.value);
}

/** Puts back what was taken: for the "Undo" beside it. */
export function putBack(before: order.Queue): void {
  const playing = current.value?.key;
  const place = before.list.findIndex((entry) => entry.key === playing);
  if (place >= 0) queue.value = { ...before, place };
}

export function toggleShuffle(): void {
  queue.value = shuffled.value ? order.unshuffle(queue.value) : order.shuffle(queue.value);
}

const NEXT_REPEAT: Record<order.Repeat, order.Repeat> = { off: "all", all: "one", one: "off" };

export function cycleRepeat(): void {
  queue.value = { ...queue.value, repeat: NEXT_REPEAT[repeat.value] };
}
