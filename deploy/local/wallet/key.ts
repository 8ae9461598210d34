import { keyPairFromSeed, type KeyPair } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";

const KEPT = "tonality.development-wallet.seed";
const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** Development coins only: a key in a browser's storage is no place for anything of worth. */
function seed(): Buffer {
  let kept = localStorage.getItem(KEPT);
  if (!kept || !/^[0-9a-f]{64}$/.test(kept)) {
    kept = hex(crypto.getRandomValues(new Uint8Array(32)));
    localStorage.setItem(KEPT, kept);
  }
  return Buffer.from(kept, "hex");
}

export const NETWORK = "-3";
export const keys: KeyPair = keyPairFromSeed(seed());
export const wallet = WalletContractV5R1.create({
  publicKey: keys.publicKey,
  walletId: { networkGlobalId: Number(NETWORK) },
});
