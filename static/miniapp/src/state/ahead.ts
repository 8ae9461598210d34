import type { Entry } from "./queue";
import { ask, type Grant } from "./stream";

/** A link that was asked for is used within this time, while it is surely good. */
const GOOD_MS = 60_000;

/** The link of the track that comes next, asked for before it is needed. */
export class Ahead {
  private key: number | null = null;
  private grant: Grant | null = null;

  /** Asks once for each; a failure is no trouble, the track asks again when it begins. */
  prepare(next: Entry, format: "aac" | "opus"): void {
    if (this.key === next.key && !this.old()) return;
    this.key = next.key;
    this.grant = null;
    void ask(next.track, next.item, format, new AbortController().signal).then(
      (found) => {
        if (this.key === next.key) this.grant = found;
      },
      () => undefined,
    );
  }

  /** What is ready for this one, once. */
  take(key: number): Grant | null {
    const found = this.key === key && !this.old() ? this.grant : null;
    this.key = null;
    this.grant = null;
    return found;
  }

  private old(): boolean {
    return this.grant !== null && Date.now() - this.grant.askedAt > GOOD_MS;
  }
}
