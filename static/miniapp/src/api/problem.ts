/** An answer that refused, or no answer at all (code "offline"). RFC 9457 fields where given. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: Record<string, string[]> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** Whether asking again, unchanged, may help. */
  get transient(): boolean {
    return this.code === "offline" || this.status === 429 || this.status >= 500;
  }
}

interface Body {
  code?: string;
  detail?: string;
  title?: string;
  fields?: Record<string, string[]>;
}

export async function problemOf(response: Response): Promise<Problem> {
  let body: Body = {};
  try {
    body = (await response.json()) as Body;
  } catch {
    // A proxy's HTML page: the status alone has to say it.
  }
  const wait = Number(response.headers.get("Retry-After"));
  return new Problem(
    response.status,
    body.code ?? `http_${response.status}`,
    body.detail ?? body.title ?? "",
    body.fields,
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "unknown", error instanceof Error ? error.message : String(error));
}
