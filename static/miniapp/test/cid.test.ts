import { afterEach, describe, expect, it, vi } from "vitest";
import { check } from "../src/proof/check";
import { CidBuilder } from "../src/proof/cid";

const CLASSIC = { chunk: 262_144, width: 174 };
const WIDE = { chunk: 1_048_576, width: 1024 };

/** Files of one generator, in this order: named the same by Kubo, js-ipfs and our server. */
const VECTORS: [number, string][] = [
  [0, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"],
  [100, "bafkreich4o5se2au5wnkm23rkzj5kkseh33yk3d2aw36i4yasfbt2itr3m"],
  [262_144, "bafkreic5d2h72dlx34qz4hkrsxkj47n5ukrj6oj4m5ttarv6ji2udbg56e"],
  [262_145, "bafybeih5s2lzad3vvlqwtfcox5zrzjx3jmwu3i4opaeymycnesoebeqg5e"],
  [5_000_000, "bafybeighwnlejourhm4s7tvq3cgqc5qiuh7qfx27issarqxsnhdkeiscba"],
  [60_000_000, "bafybeigfmfeq6mrb5fw6phcq6lz6pqgfmna4i6lwfa6s3xzrjrxwj7vi6q"],
];

/** Python's random.Random(seed).randbytes: the Mersenne Twister, seeded by an array of one. */
function generator(seed: number): (size: number) => Uint8Array {
  const state = new Uint32Array(624);
  const mix = (value: number, by: number) => Math.imul(value ^ (value >>> 30), by);
  state[0] = 19_650_218;
  for (let at = 1; at < 624; at += 1) state[at] = mix(state[at - 1] ?? 0, 1_812_433_253) + at;
  let at = 1;
  const step = (by: number, add: (place: number) => number) => {
    state[at] = ((state[at] ?? 0) ^ mix(state[at - 1] ?? 0, by)) + add(at);
    at += 1;
    if (at === 624) {
      state[0] = state[623] ?? 0;
      at = 1;
    }
  };
  for (let turn = 0; turn < 624; turn += 1) step(1_664_525, () => seed);
  for (let turn = 0; turn < 623; turn += 1) step(1_566_083_941, (place) => -place);
  state[0] = 0x80000000;
  let used = 624;
  const word = () => {
    if (used === 624) {
      for (let each = 0; each < 624; each += 1) {
        const both =
          ((state[each] ?? 0) & 0x80000000) | ((state[(each + 1) % 624] ?? 0) & 0x7fffffff);
        const turned = (both >>> 1) ^ (both & 1 ? 0x9908b0df : 0);
        state[each] = (state[(each + 397) % 624] ?? 0) ^ turned;
      }
      used = 0;
    }
    let value = state[used++] ?? 0;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  };
  return (size) => {
    const words = new Uint32Array(Math.ceil(size / 4));
    for (let each = 0; each < words.length; each += 1) words[each] = word();
    const spare = (4 - (size % 4)) % 4;
    if (spare > 0) words[words.length - 1] = (words[words.length - 1] ?? 0) >>> (8 * spare);
    return new Uint8Array(words.buffer, 0, size);
  };
}

async function named(pieces: Uint8Array[], profile = CLASSIC): Promise<string> {
  const builder = new CidBuilder(profile);
  for (const piece of pieces) await builder.update(piece);
  return builder.cid();
}

describe("a name computed here", () => {
  it("is the one that every IPFS gives, at every depth of the tree", async () => {
    const next = generator(42);
    for (const [size, cid] of VECTORS) {
      const pieces: Uint8Array[] = [];
      for (let left = size; left > 0; left -= 1 << 20) pieces.push(next(Math.min(left, 1 << 20)));
      expect(await named(pieces)).toBe(cid);
    }
  }, 60_000);

  it("does not depend on how the bytes arrive, but on how the file is cut", async () => {
    const bytes = generator(7)(600_000);
    const whole = await named([bytes]);
    const cuts = [bytes.subarray(0, 1), bytes.subarray(1, 262_145), bytes.subarray(262_145)];
    expect(await named(cuts)).toBe(whole);
    expect(await named([bytes], WIDE)).not.toBe(whole);
    expect(await named([bytes.subarray(0, 599_999)])).not.toBe(whole);
  });
});

describe("a file that is checked", () => {
  const bytes = generator(42)(100);
  const file = {
    cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    url: "/ipfs/x",
    size: 0,
    profile: CLASSIC,
  };
  const served = (body: Uint8Array | null, status = 200) =>
    vi.stubGlobal("fetch", async () => new Response(body as BodyInit | null, { status }));
  afterEach(() => vi.unstubAllGlobals());

  it("is right when its bytes make its name", async () => {
    served(new Uint8Array(0));
    expect(await check(file, () => undefined)).toMatchObject({ outcome: "right", blocks: 1 });
  });

  it("is wrong when other bytes came, and says which name they make", async () => {
    served(bytes);
    const verdict = await check(file, () => undefined);
    expect(verdict.outcome).toBe("wrong");
    expect(verdict.cid).toMatch(/^bafkrei/);
  });

  it("is neither when no bytes came", async () => {
    served(null, 503);
    const verdict = await check(file, () => undefined);
    expect(verdict).toMatchObject({ outcome: "failed", cid: null });
  });
});
