import { api } from "../api";
import type { Grant } from "./stream";

/** Between two looks at a playing element no more than this passes; more is a jump. */
const STEP = 2;

/** Listens along and tells the server once that a track was heard. */
export class Heard {
  private last: number | null = null;
  private seconds = 0;
  private told = false;

  constructor(private readonly track: string) {}

  /** Another link of the same track: what was heard of the first one does not count for it. */
  renewed(): void {
    this.last = null;
    if (!this.told) this.seconds = 0;
  }

  jumped(): void {
    this.last = null;
  }

  at(position: number, grant: Grant): void {
    if (this.last !== null && position > this.last && position - this.last < STEP) {
      this.seconds += position - this.last;
    }
    this.last = position;
    if (grant.token && !this.told && this.seconds > grant.after) void this.tell(grant.token);
  }

  private async tell(token: string): Promise<void> {
    this.told = true;
    // A play that cannot be told is lost, not the music.
    await api.played(this.track, token).catch(() => undefined);
  }
}
