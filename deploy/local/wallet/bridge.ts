import { fromNano } from "@ton/core";
import { keys, NETWORK, wallet } from "./key";
import { network } from "./network";
import { confirm, type Question } from "./sheet";
import { check, prove, Refused, signData, stateInit, type Transaction, transfer } from "./sign";

/** TON Connect's JS bridge, protocol version 2, over a real wallet v5r1. */
const CONNECTED = "tonality.development-wallet.connected";
const FAUCET = 100_000_000_000n;
const DECLINED = 300;

interface ConnectRequest {
  manifestUrl: string;
  items: { name: string; payload?: string }[];
}
interface Request {
  id: string;
  method: string;
  params: string[];
}
type Listener = (event: { event: string; id: number; payload: unknown }) => void;

const listeners = new Set<Listener>();
const shown = wallet.address.toString({ bounceable: false, testOnly: true });
let events = 0;

const device = {
  platform: "browser",
  appName: "tonality-dev",
  appVersion: "1.0.0",
  maxProtocolVersion: 2,
  features: [
    "SendTransaction",
    { name: "SendTransaction", maxMessages: 255 },
    { name: "SignData", types: ["text", "binary"] },
  ],
};

const account = () => ({
  name: "ton_addr",
  address: wallet.address.toRawString(),
  network: NETWORK,
  publicKey: keys.publicKey.toString("hex"),
  walletStateInit: stateInit(),
});

const connectError = (code: number, message: string) => ({
  event: "connect_error",
  id: ++events,
  payload: { code, message },
});

async function faucet(): Promise<string> {
  try {
    await network.faucet(wallet.address.toString(), FAUCET);
    return "On their way: the balance grows in a second";
  } catch (error) {
    return String(error);
  }
}

async function balance(): Promise<string> {
  try {
    return `${fromNano(await network.balance(wallet.address.toString()))} test coins`;
  } catch {
    return "the network does not answer";
  }
}

const ask = async (question: Omit<Question, "faucet" | "facts">, facts: [string, string][]) =>
  confirm({
    ...question,
    facts: [...facts, ["Wallet", shown], ["Balance", await balance()]],
    faucet,
  });

/** A wallet shows and signs the domain of the manifest, never one that the page names. */
async function domainOf(manifestUrl: string): Promise<string> {
  const manifest = (await (await fetch(manifestUrl)).json()) as { url: string };
  return new URL(manifest.url).host;
}

async function connect(version: number, request: ConnectRequest) {
  if (version > device.maxProtocolVersion) return connectError(1, "unknown protocol version");
  let domain: string;
  try {
    domain = await domainOf(request.manifestUrl);
  } catch {
    return connectError(2, "the manifest cannot be read");
  }
  const approved = await ask({ title: `Connect to ${domain}`, approve: "Connect" }, []);
  if (!approved) return connectError(DECLINED, "User declined the connection");
  const items: unknown[] = [account()];
  const proof = request.items.find((item) => item.name === "ton_proof");
  if (proof) items.push({ name: "ton_proof", proof: await prove(domain, proof.payload ?? "") });
  localStorage.setItem(CONNECTED, domain);
  return { event: "connect", id: ++events, payload: { items, device } };
}

async function restoreConnection() {
  if (!localStorage.getItem(CONNECTED)) return connectError(100, "not connected");
  return { event: "connect", id: ++events, payload: { items: [account()], device } };
}

function factsOf(transaction: Transaction): [string, string][] {
  return transaction.messages.flatMap((message): [string, string][] => [
    ["To", message.address],
    ["Amount", `${fromNano(message.amount)} test coins`],
    ["Payload", message.payload ? `${message.payload.length} characters of data` : "none"],
    ...(message.stateInit ? [["Creates", "a new contract"] as [string, string]] : []),
  ]);
}

async function sendTransaction(params: string[]): Promise<unknown> {
  const transaction = JSON.parse(params[0] ?? "{}") as Transaction;
  check(transaction);
  const question = { title: "Confirm payment", approve: "Confirm" };
  if (!(await ask(question, factsOf(transaction)))) {
    throw new Refused("User declined the transaction", DECLINED);
  }
  return transfer(transaction);
}

async function sign(params: string[]): Promise<unknown> {
  const payload = JSON.parse(params[0] ?? "{}") as { type: string; text?: string; bytes?: string };
  const facts: [string, string][] = [["Data", payload.text ?? payload.bytes ?? ""]];
  if (!(await ask({ title: "Sign data", approve: "Sign" }, facts))) {
    throw new Refused("User declined", DECLINED);
  }
  return signData(localStorage.getItem(CONNECTED) ?? location.host, payload);
}

async function send(request: Request) {
  try {
    if (request.method === "disconnect") {
      localStorage.removeItem(CONNECTED);
      return { id: request.id, result: {} };
    }
    if (request.method === "sendTransaction") {
      return { id: request.id, result: await sendTransaction(request.params) };
    }
    if (request.method === "signData") return { id: request.id, result: await sign(request.params) };
    throw new Refused(`unknown method ${request.method}`, 400);
  } catch (error) {
    const code = error instanceof Refused ? error.code : 0;
    return { id: request.id, error: { code, message: String((error as Error).message) } };
  }
}

export const bridge = {
  deviceInfo: device,
  walletInfo: {
    name: "Development wallet",
    app_name: "tonality-dev",
    image: `${location.origin}/static/img/icon-180.png`,
    about_url: location.origin,
    platforms: ["chrome", "firefox", "safari"],
  },
  protocolVersion: 2,
  isWalletBrowser: false,
  connect,
  restoreConnection,
  send,
  listen(callback: Listener) {
    listeners.add(callback);
    return () => listeners.delete(callback);
  },
  // The page's own wish: no event goes back, as the protocol has it.
  disconnect() {
    localStorage.removeItem(CONNECTED);
  },
};
