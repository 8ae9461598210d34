/**
 * IPFS names computed in the browser: UnixFS v1, dag-pb, raw leaves, sha2-256, balanced tree. The
 * same as the server's core/ipfs/cid.py, written anew, so that nobody has to believe either.
 */

export interface Profile {
  /** Bytes of a leaf. */
  chunk: number;
  /** Links of an inner node. */
  width: number;
}

const RAW = 0x55;
const DAG_PB = 0x70;
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** A block in the tree of a file: a leaf, or an inner node with everything below it. */
interface Branch {
  cid: Uint8Array;
  fileSize: number;
  dagSize: number;
}

/** An unsigned number, seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

function joined(parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A byte string as a field of a protobuf message. */
const field = (number: number, value: ArrayLike<number>): Uint8Array =>
  joined([[(number << 3) | 2], varint(value.length), value]);

async function cidOf(codec: number, block: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", block));
  return joined([[1, codec, 0x12, 0x20], digest]);
}

async function leaf(chunk: Uint8Array<ArrayBuffer>): Promise<Branch> {
  return { cid: await cidOf(RAW, chunk), fileSize: chunk.length, dagSize: chunk.length };
}

/** The dag-pb node over these: links first, then the UnixFS data with every child's file size. */
async function parent(children: Branch[]): Promise<Branch> {
  const links = children.map((child) =>
    field(2, joined([field(1, child.cid), field(2, []), [0x18], varint(child.dagSize)])),
  );
  const size = children.reduce((sum, child) => sum + child.fileSize, 0);
  const sizes = children.flatMap((child) => [0x20, ...varint(child.fileSize)]);
  const data = field(1, [0x08, 0x02, 0x18, ...varint(size), ...sizes]);
  const block = joined([...links, data]);
  const below = children.reduce((sum, child) => sum + child.dagSize, 0);
  return { cid: await cidOf(DAG_PB, block), fileSize: size, dagSize: block.length + below };
}

/** "b" and base32 in lower case: the one text form of an identifier. */
function text(cid: Uint8Array): string {
  let out = "b";
  let held = 0;
  let bits = 0;
  for (const byte of cid) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += LETTERS[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + LETTERS[(held << (5 - bits)) & 31] : out;
}

/** Feed bytes in any pieces with `update`; `cid` closes the tree. Holds one chunk at a time. */
export class CidBuilder {
  private readonly leaves: Branch[] = [];
  private readonly pending: Uint8Array<ArrayBuffer>;
  private filled = 0;

  constructor(private readonly profile: Profile) {
    this.pending = new Uint8Array(profile.chunk);
  }

  /** How many blocks of the file itself there are so far. */
  get blocks(): number {
    return this.leaves.length;
  }

  async update(bytes: Uint8Array): Promise<void> {
    let from = 0;
    while (from < bytes.length) {
      const some = bytes.subarray(from, from + this.profile.chunk - this.filled);
      this.pending.set(some, this.filled);
      this.filled += some.length;
      from += some.length;
      if (this.filled === this.profile.chunk) await this.close();
    }
  }

  /** The identifier of everything fed so far. Feed nothing afterwards. */
  async cid(): Promise<string> {
    if (this.filled > 0 || this.leaves.length === 0) await this.close();
    let level = this.leaves;
    while (level.length > 1) {
      const above: Branch[] = [];
      for (let at = 0; at < level.length; at += this.profile.width) {
        above.push(await parent(level.slice(at, at + this.profile.width)));
      }
      level = above;
    }
    return text((level[0] as Branch).cid);
  }

  private async close(): Promise<void> {
    this.leaves.push(await leaf(this.pending.slice(0, this.filled)));
    this.filled = 0;
  }
}
