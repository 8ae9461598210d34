import { afterEach, describe, expect, it, vi } from "vitest";
import { call } from "../src/api/http";
import { Problem } from "../src/api/problem";

const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });

const serve = (...answers: (() => Response)[]) => {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => {
    const next = answers.shift();
    if (!next) throw new TypeError("network");
    return next();
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
};

describe("calls", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("asks again when the server stumbles over a read", async () => {
    const fetched = serve(
      () => answer(503, { code: "down" }),
      () => answer(200, { fine: true }),
    );
    expect(await call("/drops")).toEqual({ fine: true });
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("repeats a write only when its key makes it the same write", async () => {
    const plain = serve(() => answer(503, { code: "down" }));
    await expect(call("/wallets", { method: "POST", body: {} })).rejects.toThrow(Problem);
    expect(plain).toHaveBeenCalledTimes(1);

    const keyed = serve(
      () => answer(503, { code: "down" }),
      () => answer(201, { id: "o" }),
    );
    await call("/orders", { method: "POST", body: {}, idempotencyKey: "k" });
    const keys = keyed.mock.calls.map(([, init]) =>
      new Headers(init.headers).get("Idempotency-Key"),
    );
    expect(keys).toEqual(["k", "k"]);
  });

  it("does not repeat what was refused, and keeps code, words and fields", async () => {
    const fetched = serve(() =>
      answer(409, { code: "sold_out", detail: "All gone.", fields: { quantity: ["too many"] } }),
    );
    const refused = await call("/drops/1").catch((error: Problem) => error);
    expect(refused).toMatchObject({ status: 409, code: "sold_out", message: "All gone." });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it("tells silence from refusal", async () => {
    serve();
    const silent = await call("/drops").catch((error: Problem) => error);
    expect(silent).toMatchObject({ code: "offline", transient: true });
  });
});
