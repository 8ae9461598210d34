/** What the page of a draft says about files on their way. */

export function size(bytes: number): string {
  for (const [unit, of] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["KB", 1e3],
  ] as const) {
    if (bytes >= of) return `${(bytes / of).toFixed(1)} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** Seconds as people say them; rough when long. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function clock(milliseconds: number): string {
  const whole = Math.round(milliseconds / 1000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Bytes per second over the last few seconds; the past tells nothing after a pause. */
export class Speed {
  private seen: [at: number, bytes: number][] = [];

  constructor(private readonly span = 5000) {}

  reset(): void {
    this.seen = [];
  }

  note(bytes: number, now: number): number {
    this.seen.push([now, bytes]);
    while (this.seen.length > 2 && now - (this.seen[0]?.[0] ?? now) > this.span) this.seen.shift();
    const [at, before] = this.seen[0] ?? [now, bytes];
    return now > at ? ((bytes - before) * 1000) / (now - at) : 0;
  }
}

export function progress(bytes: number, of: number, speed: number): string {
  const here = `${size(bytes)} of ${size(of)}`;
  if (speed <= 0) return here;
  return `${here} · ${size(speed)}/s · ${duration((of - bytes) / speed)} left`;
}

/** Whether a file that was chosen is the one of which the beginning is here. */
export interface Known {
  name: string;
  size: number;
  modified: string;
}

export const same = (file: Known, known: Known): boolean =>
  file.name === known.name &&
  file.size === known.size &&
  (known.modified === "" || file.modified === known.modified);
