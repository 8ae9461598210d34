import { describe, expect, it } from "vitest";
import { fromStartParam, href, parse, startParamOf } from "../src/state/router";

describe("routes", () => {
  it("finds each screen by the address that links to it", () => {
    expect(parse(href.home())).toEqual({ name: "home" });
    expect(parse(href.orders())).toEqual({ name: "orders" });
    expect(parse(href.order("o-1"))).toEqual({ name: "order", key: "o-1" });
    expect(parse(href.artist("мира"))).toEqual({ name: "artist", key: "мира" });
    expect(parse("/app")).toEqual({ name: "home" });
    expect(parse(href.search("q=rain%2Fsun&sale=1"))).toEqual({ name: "search" });
    expect(parse(href.track("t-1"))).toEqual({ name: "track", key: "t-1" });
    expect(parse(href.release("r-1"))).toEqual({ name: "release", key: "r-1" });
  });

  it("says so when there is nothing", () => {
    expect(parse("/app/nowhere")).toEqual({ name: "missing" });
    expect(parse("/app/drops/1/2")).toEqual({ name: "missing" });
  });

  it("opens what a share link names and ignores forged ones", () => {
    const packed = "d0190f2c4aaaabbbbccccddddeeeeffff-rk7x2m9qa";
    expect(fromStartParam(packed)).toBe("/app/drops/0190f2c4-aaaa-bbbb-cccc-ddddeeeeffff");
    const gift = "0123456789".repeat(4);
    expect(fromStartParam(`g${gift}-rk7x2m9qa`)).toBe(`/app/gift/${gift}`);
    expect(parse(`/app/gift/${gift}`)).toEqual({ name: "gift", key: gift });
    const hex = packed.slice(1, 33);
    const id = "0190f2c4-aaaa-bbbb-cccc-ddddeeeeffff";
    expect(fromStartParam(`t${hex}-rk7x2m9qa`)).toBe(`/app/tracks/${id}`);
    expect(fromStartParam(`l${hex}`)).toBe(`/app/releases/${id}`);
    expect(fromStartParam(`a${hex}`)).toBe(`/app/artists/${id}`);
    expect(fromStartParam(`p${hex}`)).toBe(`/app/playlists/${id}`);
    expect(fromStartParam(`j${gift}`)).toBe(`/app/join/${gift}`);
    const address = "ab".repeat(32);
    expect(fromStartParam(`n${address}`)).toBe(`/app/items/${encodeURIComponent(`0:${address}`)}`);
    expect(fromStartParam(`x${hex}-t${hex}`)).toBe(`/app/tracks/${id}`);
    expect(fromStartParam(startParamOf("track", id))).toBe(`/app/tracks/${id}`);
    expect(fromStartParam("t123")).toBeNull();
    expect(fromStartParam("rk7x2m9qa")).toBeNull();
    expect(fromStartParam("d../../evil")).toBeNull();
    expect(fromStartParam(null)).toBeNull();
  });
});
