import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "../src/api";
import { forget, forgetAll, recent, remember } from "../src/state/recent";
import {
  empty,
  filters,
  more,
  NOTHING,
  parameters,
  read,
  results,
  write,
} from "../src/state/search";

describe("what is looked for", () => {
  it("stands in the address and is read back from it", () => {
    const asked = {
      q: "ночной щегол",
      kind: "track",
      genre: "lo fi",
      sale: true,
      price: 5,
    } as const;
    expect(read(write(asked))).toEqual(asked);
    expect(write(NOTHING)).toBe("");
    expect(read("")).toEqual(NOTHING);
  });

  it("is cleared of what is no filter", () => {
    expect(read("kind=song&price=-3&sale=yes&price=1e99")).toEqual(NOTHING);
    expect(read("price=2.5").price).toBeNull();
  });

  it("is asked of the API in nano-coins and without blanks around it", () => {
    expect(parameters({ ...NOTHING, q: "  rain ", price: 5, sale: true })).toBe(
      "q=rain&on_sale=true&price_max=5000000000",
    );
  });

  it("is nothing while only blanks are typed or a kind is chosen", () => {
    expect(empty({ ...NOTHING, q: "  ", kind: "artist" })).toBe(true);
    expect(empty({ ...NOTHING, sale: true })).toBe(false);
    expect(filters({ ...NOTHING, genre: "folk", price: 1 })).toBe(2);
  });
});

describe("the next page", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is put behind the first, but never behind another question's", async () => {
    const page = (title: string, next: string | null) =>
      ({ results: [{ title }], next }) as unknown as Awaited<ReturnType<typeof api.search>>;
    results.value = { of: "q=rain", page: page("one", "c"), problem: null, loading: false };
    const search = vi.spyOn(api, "search").mockResolvedValue(page("two", null));
    await more();
    expect(search).toHaveBeenCalledWith("q=rain", "c");
    expect(results.value.page?.results).toHaveLength(2);
    await more(); // there is none
    expect(search).toHaveBeenCalledTimes(1);

    results.value = { of: "q=rain", page: page("one", "c"), problem: null, loading: false };
    search.mockImplementation(async () => {
      results.value = { of: "q=snow", page: page("snow", null), problem: null, loading: false };
      return page("late", null);
    });
    await more();
    expect(results.value.of).toBe("q=snow");
    expect(results.value.page?.results).toEqual([{ title: "snow" }]);
  });
});

describe("recent searches", () => {
  it("keep eight, the last first, each once, and forget", () => {
    forgetAll();
    for (let n = 0; n < 10; n += 1) remember(`rain ${n}`);
    remember("RAIN 5");
    remember(" ");
    expect(recent.value).toHaveLength(8);
    expect(recent.value.slice(0, 2)).toEqual(["RAIN 5", "rain 9"]);
    forget("RAIN 5");
    expect(recent.value[0]).toBe("rain 9");
    forgetAll();
    expect(recent.value).toEqual([]);
  });
});
