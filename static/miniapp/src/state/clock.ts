import { signal } from "@preact/signals";

/** The server's time minus ours, in ms: countdowns must not trust the phone's clock. */
let offset = 0;
let precise = false;

/** The Date header has whole seconds; the middle of the request is the best guess of its moment. */
export function noteServerTime(header: string | null, startedAt: number): void {
  const stated = header ? Date.parse(header) : Number.NaN;
  if (precise || Number.isNaN(stated)) return;
  offset = stated + 500 - (startedAt + Date.now()) / 2;
}

/** `server_time` of a drop has milliseconds and wins over headers. */
export function noteExactTime(iso: string): void {
  const stated = Date.parse(iso);
  if (Number.isNaN(stated)) return;
  offset = stated - Date.now();
  precise = true;
}

export const serverNow = () => Date.now() + offset;

/** Ticks once a second while anyone looks. */
export const second = signal(Math.floor(Date.now() / 1000));
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function watchSeconds(): () => void {
  watchers += 1;
  timer ??= setInterval(() => {
    second.value = Math.floor(serverNow() / 1000);
  }, 1000);
  return () => {
    watchers -= 1;
    if (watchers === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}
