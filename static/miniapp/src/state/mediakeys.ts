/** The keys and the lock screen of the device (Media Session). Telegram's own view has none. */
import type { Playing } from "./queue";

export type Actions = Partial<Record<MediaSessionAction, MediaSessionActionHandler | null>>;

const session = () => ("mediaSession" in navigator ? navigator.mediaSession : null);

export function describe(now: Playing): void {
  const keys = session();
  if (!keys) return;
  keys.metadata = new MediaMetadata({
    title: now.track.title,
    artist: now.release.artist.name,
    album: now.release.title,
    artwork: [{ src: now.release.cover.url }],
  });
}

/** What the keys do from now on; null takes a key away. */
export function answer(actions: Actions): void {
  const keys = session();
  for (const [name, handler] of Object.entries(keys ? actions : {})) {
    try {
      keys?.setActionHandler(name as MediaSessionAction, handler);
    } catch {
      // An older browser does not know this action.
    }
  }
}

/** Seconds. */
export function tellPosition(position: number, duration: number, rate: number): void {
  if (!(duration > 0)) return;
  session()?.setPositionState?.({
    duration,
    position: Math.min(position, duration),
    playbackRate: rate || 1,
  });
}

export function silent(): void {
  const keys = session();
  if (keys) keys.metadata = null;
}
