import "../styles/sheets-alone.css";
import { h, render } from "preact";
import type { Nonce } from "../api/types";
import WalletSheet from "../ton/sheet";
import { postJson } from "./http";

const door = {
  nonce: () => postJson<Nonce>("/portal/wallets/nonce", {}),
  link: (proof: unknown) => postJson<unknown>("/portal/wallets", proof),
};

/** Opens the wallet sheet over a server-rendered page; resolves to whether a wallet was linked. */
export function linkWallet(): Promise<boolean> {
  const host = document.createElement("div");
  document.body.append(host);
  return new Promise((resolve) => {
    const end = (linked: boolean) => {
      render(null, host);
      host.remove();
      resolve(linked);
    };
    render(h(WalletSheet, { door, close: () => end(false), done: () => end(true) }), host);
  });
}
