import { describe, expect, it } from "vitest";
import type { Release, Track } from "../src/api/types";
import * as order from "../src/state/queue";

const playing = (id: string): order.Playing => ({
  track: { id } as Track,
  release: {} as Release,
  drop: "d",
  item: null,
});
const of = (...ids: string[]) => ids.map(playing);
const ids = (queue: order.Queue) => queue.list.map((entry) => entry.track.id).join("");
const now = (queue: order.Queue) => queue.list[queue.place]?.track.id;
const keyOf = (queue: order.Queue, id: string) =>
  queue.list.find((entry) => entry.track.id === id)?.key ?? -1;
const abcd = (at = 0) => order.begun(of("a", "b", "c", "d"), at, order.nothing);
/** Always the first: the mixing is then known. */
const first = () => 0;

describe("a queue", () => {
  it("begins where it is asked to", () => {
    expect(now(abcd(2))).toBe("c");
    expect(now(abcd(99))).toBe("d");
    expect(now(abcd(-1))).toBe("a");
  });

  it("holds no more than it can, and still the one that was pressed", () => {
    const many = Array.from({ length: 900 }, (_, at) => playing(String(at)));
    const made = order.begun(many, 880, order.nothing);
    expect(made.list.length).toBeLessThanOrEqual(order.MOST);
    expect(now(made)).toBe("880");
    expect(order.added(made, of("x"), "last").list.length).toBeLessThanOrEqual(order.MOST);
  });

  it("takes one behind what plays, or at its end", () => {
    expect(ids(order.added(abcd(1), of("x", "y"), "next"))).toBe("abxycd");
    expect(ids(order.added(abcd(1), of("x"), "last"))).toBe("abcdx");
    expect(ids(order.added(order.nothing, of("x"), "next"))).toBe("x");
  });

  it("goes on playing the same one whatever is moved around it", () => {
    const made = abcd(1);
    const later = order.moved(made, keyOf(made, "a"), 3);
    expect([ids(later), now(later)]).toEqual(["bcda", "b"]);
    const sooner = order.moved(made, keyOf(made, "d"), 0);
    expect([ids(sooner), now(sooner)]).toEqual(["dabc", "b"]);
    const self = order.moved(made, keyOf(made, "b"), 3);
    expect([ids(self), now(self)]).toEqual(["acdb", "b"]);
    expect(order.moved(made, -5, 0)).toBe(made);
  });

  it("loses what is taken out, and what comes when it is cleared", () => {
    const made = abcd(2);
    const without = order.removed(made, keyOf(made, "a"));
    expect([ids(without), now(without)]).toEqual(["bcd", "c"]);
    const next = order.removed(made, keyOf(made, "c"));
    expect([ids(next), now(next)]).toEqual(["abd", "d"]);
    const end = order.removed(next, keyOf(next, "d"));
    expect([ids(end), now(end)]).toEqual(["ab", "b"]);
    expect(ids(order.cleared(made))).toBe("abc");
  });

  it("shuffles around the one that plays, and finds its way back", () => {
    const made = order.shuffle(abcd(2), first);
    expect([ids(made).slice(0, 1), now(made)]).toEqual(["c", "c"]);
    expect([...ids(made)].sort().join("")).toBe("abcd");
    const back = order.unshuffle(made);
    expect([ids(back), now(back)]).toEqual(["abcd", "c"]);
  });

  it("keeps what was added while shuffled at its own place", () => {
    const made = order.added(order.shuffle(abcd(1), first), of("x"), "next");
    expect(ids(made).slice(0, 2)).toBe("bx");
    expect(ids(order.unshuffle(made))).toBe("abxcd");
  });

  it("goes on shuffling when another list is begun", () => {
    const made = order.begun(of("p", "q", "r"), 1, order.shuffle(abcd(), first), first);
    expect([made.shuffled, now(made), made.place]).toEqual([true, "q", 0]);
  });

  it("ends, or begins again when all of it is repeated", () => {
    const end = abcd(3);
    expect(order.following(end)).toBeNull();
    expect(order.following({ ...end, repeat: "all" })).toBe(0);
    expect(order.following(abcd(1))).toBe(2);
    expect(order.before(abcd(0))).toBeNull();
    expect(order.before({ ...abcd(0), repeat: "all" })).toBe(3);
    expect(order.following(order.nothing)).toBeNull();
  });
});
