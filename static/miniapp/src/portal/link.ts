import { h, render } from "preact";
import type { Nonce } from "../api/types";
import { postJson } from "./forms";

/** Opens the wallet sheet on a server-rendered page; resolves to whether a wallet was linked. */
export async function linkThrough(
  form: HTMLFormElement,
  nonceUrl: string,
  linkUrl: string,
): Promise<boolean> {
  await import("../styles/sheets-alone.css");
  const { default: WalletSheet } = await import("../ton/sheet");
  const host = document.createElement("div");
  document.body.append(host);
  return new Promise((resolve) => {
    const end = (linked: boolean) => {
      render(null, host);
      host.remove();
      resolve(linked);
    };
    const door = {
      nonce: () => postJson<Nonce>(form, nonceUrl, {}),
      link: (proof: unknown) => postJson<unknown>(form, linkUrl, proof),
    };
    render(h(WalletSheet, { door, close: () => end(false), done: () => end(true) }), host);
  });
}
