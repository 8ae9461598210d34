/** What surrounds the player for a whole visit: the last one's queue, the device's keys. */
import { effect } from "@preact/signals";
import { keepQueue, keptQueue } from "./keptqueue";
import { startKeys } from "./keys";
import { answer } from "./mediakeys";
import * as player from "./player";
import { queue } from "./upnext";

const STEP_S = 10;

function mediaKeys(): void {
  if (!player.current.value) return;
  const { seek, seconds } = player;
  answer({
    play: () => {
      if (!player.playing.value) player.toggleCurrent();
    },
    pause: player.pause,
    stop: player.stop,
    nexttrack: player.hasNext.value ? player.next : null,
    previoustrack: player.previous,
    seekto: (details) => seek(details.seekTime ?? 0),
    seekbackward: (details) => seek(seconds.peek() - (details.seekOffset ?? STEP_S)),
    seekforward: (details) => seek(seconds.peek() + (details.seekOffset ?? STEP_S)),
  });
}

export function startVisit(): void {
  const before = keptQueue();
  if (before) player.resumeVisit(before.queue, before.seconds);
  addEventListener("pagehide", () => {
    keepQueue(queue.peek());
    player.keep();
  });
  effect(() => {
    const now = queue.value;
    // Dragging changes it often: it is written down when it rests.
    const timer = setTimeout(() => keepQueue(now), 200);
    return () => clearTimeout(timer);
  });
  effect(mediaKeys);
  startKeys();
}
