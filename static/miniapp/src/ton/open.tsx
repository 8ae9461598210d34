import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { t } from "../i18n";
import { forgetQueries } from "../state/query";
import { say } from "../ui/toast";

type SheetModule = typeof import("./sheet");

/** Someone asked for the wallet sheet; resolves to whether a wallet was linked. */
const asked = signal<((linked: boolean) => void) | null>(null);

export function linkWallet(): Promise<boolean> {
  return new Promise((resolve) => {
    asked.value = resolve;
  });
}

const door = { nonce: api.walletNonce, link: api.linkWallet };

/** The sheet's code comes when it is first asked for. */
export function WalletSheetHost(): JSX.Element | null {
  const [module, setModule] = useState<SheetModule | null>(null);
  const answer = asked.value;
  useEffect(() => {
    if (answer && !module) void import("./sheet").then(setModule);
  }, [answer, module]);
  if (!answer || !module) return null;
  const end = (linked: boolean) => {
    asked.value = null;
    if (linked) {
      for (const stale of ["me", "items", "claims"]) forgetQueries(stale);
      say(t("wallet.linked"));
    }
    answer(linked);
  };
  return <module.default door={door} close={() => end(false)} done={() => end(true)} />;
}
