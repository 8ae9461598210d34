import "../styles/sheets-alone.css";
import { h, render } from "preact";
import type { Nonce } from "../api/types";
import WalletSheet, { type Door } from "../ton/sheet";
import { postJson } from "./http";

/** Where a wallet's proof goes: to who is signed in already, or to sign somebody in. */
const door = (path: string): Door => ({
  nonce: () => postJson<Nonce>(`${path}/nonce`, {}),
  link: (proof: unknown) => postJson<unknown>(path, proof),
});

/** Opens the wallet sheet over a server-rendered page; resolves to whether the wallet was taken. */
function proveWallet(path: string): Promise<boolean> {
  const host = document.createElement("div");
  document.body.append(host);
  return new Promise((resolve) => {
    const end = (taken: boolean) => {
      render(null, host);
      host.remove();
      resolve(taken);
    };
    const sheet = { door: door(path), close: () => end(false), done: () => end(true) };
    render(h(WalletSheet, sheet), host);
  });
}

export const linkWallet = () => proveWallet("/me/wallets");
export const signInByWallet = () => proveWallet("/sign-in/wallet");
