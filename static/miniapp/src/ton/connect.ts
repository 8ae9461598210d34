import { signal } from "@preact/signals";
import type { TonConnect, Wallet } from "@tonconnect/sdk";
import type { TonTransaction, WalletProof } from "../api/types";
import { config } from "../config";
import { type Choice, developmentWallet } from "./wallets";

export interface Connected {
  /** Raw address "0:<hex>". */
  address: string;
  name: string;
  /** Brings a wallet application to the front; null for a wallet in this window. */
  link: string | null;
}

/** The wallet that signs now. Its proof of ownership lives on the server. */
export const connected = signal<Connected | null>(null);

const LINK = "tonality.wallet-link";
const STORED = "ton-connect-storage_bridge-connection";
let loading: Promise<TonConnect> | null = null;

function note(wallet: Wallet | null): void {
  connected.value = wallet && {
    address: wallet.account.address,
    name: wallet.device.appName,
    link: localStorage.getItem(LINK),
  };
}

/** The SDK is fetched when a wallet is first needed, never before. */
function connector(): Promise<TonConnect> {
  loading ??= Promise.all([import("@tonconnect/sdk"), developmentWallet()]).then(([sdk]) => {
    const Connector = sdk.TonConnect;
    const made = new Connector({
      manifestUrl: config.manifest_url,
      walletsListSource: `${location.origin}/static/miniapp/wallets.json`,
      analytics: { mode: "off" },
    });
    made.onStatusChange(note, () => undefined);
    return made;
  });
  return loading;
}

let restoring: Promise<void> | null = null;

/** Takes up the last visit's wallet, if there was one. */
export function restore(): Promise<void> {
  restoring ??= (async () => {
    if (!localStorage.getItem(STORED)) return;
    const sdk = await connector();
    await sdk.restoreConnection();
    note(sdk.wallet);
  })().catch(() => undefined);
  return restoring;
}

export class WalletRefusal extends Error {
  constructor(readonly reason: "declined" | "network" | "noproof" | "failed") {
    super(reason);
  }
}

function refusalOf(error: unknown): WalletRefusal {
  if (error instanceof WalletRefusal) return error;
  const text =
    error instanceof Error ? `${error.name} ${error.constructor.name} ${error.message}` : "";
  if (/reject|declin|cancel/i.test(text)) return new WalletRefusal("declined");
  if (/network|chain/i.test(text)) return new WalletRefusal("network");
  return new WalletRefusal("failed");
}

function proofOf(wallet: Wallet): WalletProof {
  if (wallet.account.chain !== config.network) throw new WalletRefusal("network");
  const reply = wallet.connectItems?.tonProof;
  if (!reply || !("proof" in reply)) throw new WalletRefusal("noproof");
  const { address, chain, publicKey, walletStateInit } = wallet.account;
  if (!publicKey) throw new WalletRefusal("noproof");
  return { account: { address, chain, publicKey, walletStateInit }, proof: reply.proof };
}

export interface Pending {
  /** For a QR code or a button; null when the wallet is in this window. */
  link: string | null;
  proof: Promise<WalletProof>;
  stop: () => void;
}

/** Asks `choice` for its address and a proof over the server's `payload`. */
export async function ask(choice: Choice, payload: string): Promise<Pending> {
  const sdk = await connector();
  if (sdk.connected) await sdk.disconnect().catch(() => undefined);
  const stopper = new AbortController();
  const proof = new Promise<WalletProof>((resolve, reject) => {
    const stopListening = sdk.onStatusChange(
      (wallet) => {
        if (!wallet) return;
        stopListening();
        try {
          resolve(proofOf(wallet));
        } catch (error) {
          void sdk.disconnect().catch(() => undefined);
          reject(error);
        }
      },
      (error) => {
        stopListening();
        reject(refusalOf(error));
      },
    );
    stopper.signal.addEventListener("abort", stopListening);
  });
  const source = choice.injected
    ? { jsBridgeKey: choice.injected }
    : { universalLink: choice.universal ?? "", bridgeUrl: choice.bridge ?? "" };
  const options = { request: { tonProof: payload }, signal: stopper.signal };
  const link = sdk.connect(source as { universalLink: string; bridgeUrl: string }, options);
  if (choice.injected) localStorage.removeItem(LINK);
  else localStorage.setItem(LINK, choice.universal ?? "");
  return { link: choice.injected ? null : String(link), proof, stop: () => stopper.abort() };
}

export async function forget(): Promise<void> {
  const sdk = await connector();
  if (sdk.connected) await sdk.disconnect().catch(() => undefined);
  connected.value = null;
}

/** Resolves when the wallet has signed and sent; throws WalletRefusal. Never a proof of payment. */
export async function send(transaction: TonTransaction): Promise<string> {
  const sdk = await connector();
  await restore();
  const { valid_until: validUntil, ...rest } = transaction;
  try {
    const answer = await sdk.sendTransaction({
      ...rest,
      validUntil,
    } as Parameters<TonConnect["sendTransaction"]>[0]);
    return answer.boc;
  } catch (error) {
    throw refusalOf(error);
  }
}
