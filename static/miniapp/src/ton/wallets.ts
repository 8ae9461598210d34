import type { WalletEntry } from "../api/types";
import { config } from "../config";

export interface Choice {
  name: string;
  app: string;
  /** Key under which the wallet stands in this window, when it does. */
  injected: string | null;
  universal: string | null;
  bridge: string | null;
}

interface Injected {
  tonconnect?: { walletInfo?: { name: string; app_name: string } };
}

const inWindow = (key: string) =>
  (window as unknown as Record<string, Injected | undefined>)[key]?.tonconnect;

function choice(entry: WalletEntry): Choice {
  const bridges = entry.bridge ?? [];
  const key = bridges.find((bridge) => bridge.type === "js" && bridge.key && inWindow(bridge.key));
  return {
    name: entry.name,
    app: entry.app_name,
    injected: key?.key ?? null,
    universal: entry.universal_url ?? null,
    bridge: bridges.find((bridge) => bridge.type === "sse")?.url ?? null,
  };
}

let loadingDevelopment: Promise<void> | null = null;

/** Puts the development wallet into a development page's window; elsewhere it does nothing. */
export function developmentWallet(): Promise<void> {
  if (!config.development) return Promise.resolve();
  loadingDevelopment ??= new Promise((done) => {
    const script = document.createElement("script");
    script.type = "module";
    script.src = "/static/devwallet/wallet.js";
    addEventListener("tonality-development-wallet", () => done(), { once: true });
    script.onerror = () => done();
    document.head.append(script);
  });
  return loadingDevelopment;
}

/** The development wallet, where a development page has loaded it. */
function development(): Choice[] {
  const wallet = config.development ? inWindow("tonalityDev") : undefined;
  if (!wallet) return [];
  const name = wallet.walletInfo?.name ?? "Development wallet";
  return [{ name, app: "tonality-dev", injected: "tonalityDev", universal: null, bridge: null }];
}

/** Wallets that can be reached from here; those in this window first. */
export function choices(): Choice[] {
  const listed = config.wallets
    .filter((entry) => !(entry.bridge ?? []).some((bridge) => bridge.key === "tonalityDev"))
    .map(choice)
    .filter((each) => each.injected || (each.universal && each.bridge));
  const all = [...development(), ...listed];
  return [...all.filter((each) => each.injected), ...all.filter((each) => !each.injected)];
}
