import { beforeEach, describe, expect, it, vi } from "vitest";
import { library } from "../src/api/library";
import { Problem } from "../src/api/problem";
import type { Playlist, PlaylistEntry } from "../src/api/types";
import { markOf, setLiked, want } from "../src/state/marks";
import { moveEntry, takeOut } from "../src/state/playlist";
import { put } from "../src/state/query";
import { href, parse } from "../src/state/router";
import { playable } from "../src/ui/placed";

const entry = (id: string, over: Partial<PlaylistEntry> = {}) =>
  ({
    id,
    track: { id: `t${id}`, title: id, preview_url: "/ipfs/x" },
    release: { id: `r${id}` },
    available: true,
    ...over,
  }) as PlaylistEntry;

const settled = () => new Promise((done) => setTimeout(done, 5));

describe("hearts", () => {
  beforeEach(() => vi.restoreAllMocks());

  it("asks for all that a screen shows in one call", async () => {
    const asked = vi
      .spyOn(library, "marks")
      .mockResolvedValue({ liked: ["one"], followed: ["artist"] });
    want("tracks", "one");
    want("tracks", "two");
    want("artists", "artist");
    await new Promise((done) => setTimeout(done, 60));
    expect(asked).toHaveBeenCalledExactlyOnceWith(["one", "two"], ["artist"]);
    expect([markOf("tracks", "one").value, markOf("tracks", "two").value]).toEqual([true, false]);
    expect(markOf("artists", "artist").value).toBe(true);
  });

  it("is full at once, and empty again when the server says no", async () => {
    vi.spyOn(library, "like").mockRejectedValue(new Problem(0, "offline", ""));
    const pressed = setLiked("three", true);
    expect(markOf("tracks", "three").value).toBe(true);
    await pressed;
    expect(markOf("tracks", "three").value).toBeNull();
  });

  it("follows the last press, whatever comes back of the first", async () => {
    let refuse: (problem: Problem) => void = () => undefined;
    vi.spyOn(library, "like")
      .mockReturnValueOnce(new Promise((_, no) => (refuse = no)))
      .mockResolvedValueOnce({ liked: false, likes: 0 });
    const first = setLiked("four", true);
    await setLiked("four", false);
    refuse(new Problem(500, "http_500", ""));
    await first;
    expect(markOf("tracks", "four").value).toBe(false);
  });
});

describe("a playlist", () => {
  let shown: Playlist;
  const ids = () => {
    put<Playlist>("playlist:p", (known) => {
      if (known) shown = known;
      return null;
    });
    return shown.entries.map((each) => each.id);
  };

  beforeEach(() => {
    vi.restoreAllMocks();
    shown = {
      id: "p",
      version: 5,
      entries: ["a", "b", "c", "d"].map((id) => entry(id)),
    } as Playlist;
    put<Playlist>("playlist:p", () => shown);
  });

  it("moves at once and names the entry before", async () => {
    const moved = vi.spyOn(library, "move").mockResolvedValue({ version: 6 });
    moveEntry("p", shown, "a", 2);
    expect(ids()).toEqual(["b", "c", "a", "d"]);
    moveEntry("p", shown, "d", 0);
    expect(ids()).toEqual(["d", "b", "c", "a"]);
    await settled();
    expect(moved.mock.calls).toEqual([
      ["p", "a", "c"],
      ["p", "d", null],
    ]);
  });

  it("fetches what others did meanwhile", async () => {
    vi.spyOn(library, "move").mockResolvedValue({ version: 9 });
    const asked = vi
      .spyOn(library, "playlist")
      .mockResolvedValue({ ...shown, version: 9, entries: ["x", "b", "a"].map((id) => entry(id)) });
    moveEntry("p", shown, "a", 3);
    await settled();
    expect(asked).toHaveBeenCalledOnce();
    expect(ids()).toEqual(["x", "b", "a"]);
  });

  it("shows what is there when a change is refused", async () => {
    vi.spyOn(library, "move").mockRejectedValue(new Problem(404, "entry_not_found", ""));
    vi.spyOn(library, "playlist").mockResolvedValue({ ...shown, entries: [entry("b")] });
    moveEntry("p", shown, "a", 1);
    await settled();
    expect(ids()).toEqual(["b"]);
  });

  it("puts back where it lay what was taken out", async () => {
    vi.spyOn(library, "takeOut").mockResolvedValue({ version: 6 });
    const added = vi
      .spyOn(library, "add")
      .mockResolvedValue({ version: 7, entries: ["n"], skipped: 0 });
    vi.spyOn(library, "playlist").mockResolvedValue(shown);
    const undo = takeOut("p", shown, shown.entries[2] as PlaylistEntry);
    expect(ids()).toEqual(["a", "b", "d"]);
    undo();
    expect(ids()).toEqual(["a", "b", "c", "d"]);
    await settled();
    expect(added).toHaveBeenCalledExactlyOnceWith("p", ["tc"], "b");
  });

  it("plays what is still there", () => {
    const list = [
      entry("a"),
      entry("gone", { available: false }),
      entry("mute", { track: { preview_url: null } as PlaylistEntry["track"] }),
    ];
    expect(playable(list).map((each) => each.track.title)).toEqual(["a"]);
  });

  it("has an address, and so has an invitation to it", () => {
    expect(parse(href.playlist("p-1"))).toEqual({ name: "playlist", key: "p-1" });
    expect(parse(href.join("0f"))).toEqual({ name: "join", key: "0f" });
    expect(parse(href.library())).toEqual({ name: "library" });
    expect(parse(href.collection())).toEqual({ name: "library" });
  });
});
