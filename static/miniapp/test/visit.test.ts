import { afterEach, describe, expect, it, vi } from "vitest";
import type { Release, Track } from "../src/api/types";
import { keepPlace, keepQueue, keptQueue, packed, unpacked } from "../src/state/keptqueue";
import { meant } from "../src/state/keys";
import { previewOver, prompt, promptClose } from "../src/state/prompt";
import * as order from "../src/state/queue";
import type { Grant } from "../src/state/stream";

const playing = (id: string): order.Playing => ({
  track: {
    id,
    title: id,
    position: 1,
    duration_ms: 90_000,
    preview_url: "/ipfs/preview",
    waveform: Array.from({ length: 800 }, (_, at) => at % 256),
    full: "holders",
    plays: 0,
  } as Track,
  release: {
    id: "r",
    title: "R",
    artist: { id: "a", slug: "a", name: "A", verified: true },
    cover: { url: "/ipfs/cover", width: 600 },
    colours: { deep: "#000000", bright: "#ffffff" },
    genre: "",
  } as Release,
  drop: "d",
  item: null,
});
const made = () => order.begun([playing("a"), playing("b"), playing("c")], 1, order.nothing);

describe("a queue that is kept", () => {
  afterEach(() => localStorage.clear());

  it("comes back as it was, and where it was", () => {
    const queue = order.shuffle({ ...made(), repeat: "all" }, () => 0);
    keepQueue(queue);
    keepPlace(queue.list[queue.place]?.key ?? 0, 31.7);
    const back = keptQueue();
    expect(back?.seconds).toBe(31);
    expect(back?.queue.list.map((entry) => entry.key)).toEqual(queue.list.map((e) => e.key));
    expect(back?.queue).toMatchObject({ place: 0, shuffled: true, repeat: "all" });
    expect(order.unshuffle(back?.queue as order.Queue).list[0]?.track.id).toBe("a");
  });

  it("writes down no link that was signed, and no more of a wave than is drawn", () => {
    const secret = playing("s");
    secret.track = { ...secret.track, preview_url: "/media/token?sig=1" };
    const text = packed(order.begun([secret], 0, order.nothing));
    expect(text).not.toContain("/media/");
    expect(unpacked(text)?.list[0]?.track.waveform).toHaveLength(72);
  });

  it("is nothing when it is damaged, of another version, or gone", () => {
    expect(unpacked(null)).toBeNull();
    expect(unpacked("{")).toBeNull();
    expect(unpacked(packed(made()).replace('"version":1', '"version":9'))).toBeNull();
    expect(unpacked(packed(made()).replace('"place":1', '"place":7'))).toBeNull();
    keepQueue(made());
    keepQueue(order.nothing);
    expect(keptQueue()).toBeNull();
  });

  it("gives new keys to what is added later", () => {
    const back = order.adopted(unpacked(packed(made())) as order.Queue);
    const keys = order.added(back, [playing("d")], "last").list.map((entry) => entry.key);
    expect(new Set(keys).size).toBe(4);
  });
});

describe("keys of the player", () => {
  const press = (key: string, target: Element, over: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, ...over });
    Object.defineProperty(event, "target", { value: target });
    return meant(event);
  };
  afterEach(() => {
    document.body.innerHTML = "";
  });

  it("mean something on the page, never where one types", () => {
    document.body.innerHTML = "<main></main><input><button>Go</button>";
    const [page, input, button] = ["main", "input", "button"].map(
      (name) => document.querySelector(name) as Element,
    ) as [Element, Element, Element];
    for (const key of [" ", "m", "ArrowLeft", "ArrowRight"]) {
      expect(press(key, page)).not.toBeNull();
      expect(press(key, input)).toBeNull();
    }
    expect(press(" ", button)).toBeNull();
    expect(press("ArrowRight", page, { shiftKey: true })).not.toBe(press("ArrowRight", page));
    expect(press("m", page, { ctrlKey: true })).toBeNull();
    expect(press("x", page)).toBeNull();
  });
});

describe("the end of a preview", () => {
  const heard = (over: Partial<Grant> = {}) =>
    ({ full: false, why: "not_holder", ...over }) as Grant;
  afterEach(() => {
    promptClose();
    localStorage.clear();
    vi.restoreAllMocks();
  });

  it("asks once a track", () => {
    previewOver(playing("a"), heard());
    expect(prompt.value?.track.id).toBe("a");
    promptClose();
    previewOver(playing("a"), heard());
    expect(prompt.value).toBeNull();
    previewOver(playing("b"), heard());
    expect(prompt.value?.track.id).toBe("b");
  });

  it("asks nobody who heard all of it, or whom buying would not help", () => {
    previewOver(playing("a"), heard({ full: true }));
    previewOver(playing("a"), heard({ why: "not_ready" }));
    previewOver({ ...playing("a"), drop: "" }, heard());
    expect(prompt.value).toBeNull();
  });
});
