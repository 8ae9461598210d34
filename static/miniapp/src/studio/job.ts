import { type DetailedError, type HttpRequest, Upload } from "tus-js-client";
import { progress, Speed } from "./words";

export type Standing = "sending" | "paused" | "away" | "over";

const PIECE = 8 * 1024 * 1024;
const LATER = [409, 423, 429];

/** One file on its way. It goes on by itself after a lost connection, from what is safe there. */
export class Job {
  standing: Standing = "sending";
  said = "";
  percent = 0;
  private readonly upload: Upload;
  private readonly speed = new Speed();
  private wait = 1000;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly file: File,
    endpoint: string,
    metadata: Record<string, string>,
    address: string | null,
    private readonly heard: (job: Job, what: "begun" | "moved" | "done" | "refused") => void,
  ) {
    this.upload = new Upload(file, {
      endpoint,
      uploadUrl: address,
      chunkSize: PIECE,
      retryDelays: null,
      storeFingerprintForResuming: false,
      metadata,
      onBeforeRequest: (request: HttpRequest) => request.setHeader("X-CSRFToken", csrf()),
      onUploadUrlAvailable: () => this.heard(this, "begun"),
      onProgress: (bytes, of) => this.moved(bytes, of),
      onSuccess: () => this.end("done", ""),
      onError: (error) => void this.failed(error),
    });
  }

  /** The path under which the server knows it; empty until it does. */
  get address(): string {
    return this.upload.url ? new URL(this.upload.url, location.href).pathname : "";
  }

  go(): void {
    if (this.standing === "over") return;
    clearTimeout(this.timer);
    this.speed.reset();
    this.standing = "sending";
    this.upload.start();
    this.heard(this, "moved");
  }

  async pause(): Promise<void> {
    clearTimeout(this.timer);
    this.standing = "paused";
    this.said = "Paused. What is here stays here.";
    this.heard(this, "moved");
    await this.upload.abort();
  }

  /** Given up by its artist, who tells the server in another way. */
  async drop(): Promise<void> {
    clearTimeout(this.timer);
    this.standing = "over";
    await this.upload.abort();
  }

  private moved(bytes: number, of: number): void {
    if (this.standing !== "sending") return;
    this.wait = 1000;
    this.percent = of ? (bytes * 100) / of : 0;
    this.said = progress(bytes, of, this.speed.note(bytes, performance.now()));
    this.heard(this, "moved");
  }

  private end(what: "done" | "refused", said: string): void {
    this.standing = "over";
    this.said = said;
    this.heard(this, what);
  }

  private async failed(error: Error | DetailedError): Promise<void> {
    if (this.standing !== "sending") return;
    const answer = "originalResponse" in error ? error.originalResponse : null;
    const status = answer?.getStatus() ?? 0;
    if (status >= 400 && status < 500 && !LATER.includes(status)) {
      this.end("refused", reason(status, answer?.getBody() ?? ""));
      return;
    }
    this.standing = "away";
    this.said = status
      ? "The server is busy. It goes on by itself in a moment."
      : "The connection is lost. It goes on by itself when it is back.";
    this.timer = setTimeout(() => this.go(), this.wait);
    this.wait = Math.min(this.wait * 2, 15_000);
    this.heard(this, "moved");
  }
}

const csrf = () =>
  document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";

function reason(status: number, body: string): string {
  if (status === 401) return "You are signed out. Reload the page and sign in.";
  try {
    const problem = JSON.parse(body) as { detail?: string; title?: string };
    return problem.detail || problem.title || "It was refused.";
  } catch {
    return "It was refused.";
  }
}
