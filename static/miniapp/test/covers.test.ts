import { describe, expect, it } from "vitest";
import { coverSources } from "../src/state/covers";

describe("covers", () => {
  it("a cover comes in three formats and four widths, the smallest files first", () => {
    const sources = coverSources("/ipfs/bafk");
    expect(sources.map((one) => one.type)).toEqual(["image/avif", "image/webp", "image/jpeg"]);
    expect(sources[0]?.srcset).toBe(
      "/covers/bafk/160.avif 160w, /covers/bafk/320.avif 320w, " +
        "/covers/bafk/640.avif 640w, /covers/bafk/1000.avif 1000w",
    );
  });

  it("a picture from elsewhere has no other forms", () => {
    expect(coverSources("https://example.org/a.jpg")).toEqual([]);
    expect(coverSources("")).toEqual([]);
  });
});
