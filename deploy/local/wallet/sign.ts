import { Address, beginCell, Cell, internal, loadStateInit, SendMode, storeMessage, storeStateInit } from "@ton/core";
import { sha256, sign } from "@ton/crypto";
import { keys, NETWORK, wallet } from "./key";
import { network } from "./network";

/** A request that a careful wallet would not show; codes are TON Connect's. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

export interface Message {
  address: string;
  amount: string;
  payload?: string;
  stateInit?: string;
}

export interface Transaction {
  valid_until?: number;
  network?: string;
  from?: string;
  messages: Message[];
}

const cell = (text: string) => {
  try {
    return Cell.fromBase64(text);
  } catch {
    throw new Refused("a malformed bag of cells");
  }
};

export const stateInit = () =>
  beginCell().store(storeStateInit(wallet.init)).endCell().toBoc().toString("base64");

/** ton_proof over this page's domain (TON Connect, "ton_proof"). */
export async function prove(domain: string, payload: string) {
  const timestamp = Math.floor(Date.now() / 1000);
  const name = Buffer.from(domain);
  const numbers = Buffer.alloc(4 + 8);
  numbers.writeUInt32LE(name.length, 0);
  numbers.writeBigUInt64LE(BigInt(timestamp), 4);
  const message = Buffer.concat([
    Buffer.from("ton-proof-item-v2/"),
    Buffer.alloc(4), // workchain 0, big-endian
    wallet.address.hash,
    numbers.subarray(0, 4),
    name,
    numbers.subarray(4),
    Buffer.from(payload),
  ]);
  const inner = Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.from("ton-connect"), await sha256(message)]);
  const signature = sign(await sha256(inner), keys.secretKey).toString("base64");
  return { timestamp, domain: { lengthBytes: name.length, value: domain }, signature, payload };
}

/** signData of types text and binary (TON Connect, "signData"; lengths are big-endian here). */
export async function signData(domain: string, payload: { type: string; text?: string; bytes?: string }) {
  const content =
    payload.type === "text"
      ? { prefix: "txt", data: Buffer.from(payload.text ?? "") }
      : { prefix: "bin", data: Buffer.from(payload.bytes ?? "", "base64") };
  if (payload.type !== "text" && payload.type !== "binary") {
    throw new Refused(`cannot sign data of type ${payload.type}`, 400);
  }
  const timestamp = Math.floor(Date.now() / 1000);
  const name = Buffer.from(domain);
  const numbers = Buffer.alloc(4 + 8 + 4);
  numbers.writeUInt32BE(name.length, 0);
  numbers.writeBigUInt64BE(BigInt(timestamp), 4);
  numbers.writeUInt32BE(content.data.length, 12);
  const message = Buffer.concat([
    Buffer.from([0xff, 0xff]),
    Buffer.from("ton-connect/sign-data/"),
    Buffer.alloc(4),
    wallet.address.hash,
    numbers.subarray(0, 4),
    name,
    numbers.subarray(4, 12),
    Buffer.from(content.prefix),
    numbers.subarray(12),
    content.data,
  ]);
  const signature = sign(await sha256(message), keys.secretKey).toString("base64");
  return { signature, address: wallet.address.toRawString(), timestamp, domain, payload };
}

/** Everything that can be refused without asking the person. */
export function check(transaction: Transaction): void {
  const until = transaction.valid_until;
  if (until !== undefined && until * 1000 <= Date.now()) throw new Refused("the request has expired");
  if (transaction.network !== NETWORK) throw new Refused(`wrong network ${transaction.network}`);
  if (transaction.from && !Address.parse(transaction.from).equals(wallet.address)) {
    throw new Refused("the request is for another account");
  }
  if (!(transaction.messages?.length >= 1 && transaction.messages.length <= 255)) {
    throw new Refused(`${transaction.messages?.length ?? 0} messages`);
  }
  for (const message of transaction.messages) {
    if (!Address.isFriendly(message.address)) throw new Refused("addresses must be user-friendly");
    if (!/^\d+$/.test(message.amount)) throw new Refused("an amount is a decimal string of nano");
  }
}

/** Signs, sends, and answers with the external message as TON Connect wants it. */
export async function transfer(transaction: Transaction): Promise<string> {
  const seqno = await network.seqno(wallet.address.toString());
  const body = wallet.createTransfer({
    seqno: seqno ?? 0,
    secretKey: keys.secretKey,
    sendMode: SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS,
    timeout: transaction.valid_until,
    messages: transaction.messages.map((message) =>
      internal({
        to: Address.parseFriendly(message.address).address,
        bounce: Address.parseFriendly(message.address).isBounceable,
        value: BigInt(message.amount),
        body: message.payload ? cell(message.payload) : undefined,
        init: message.stateInit ? loadStateInit(cell(message.stateInit).beginParse()) : undefined,
      }),
    ),
  });
  const external = beginCell()
    .store(
      storeMessage({
        info: { type: "external-in", dest: wallet.address, importFee: 0n },
        init: seqno === null ? wallet.init : null,
        body,
      }),
    )
    .endCell();
  const boc = external.toBoc().toString("base64");
  await network.send(boc);
  return boc;
}
