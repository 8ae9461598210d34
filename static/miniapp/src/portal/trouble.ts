import { asProblem } from "../api/problem";
import { type Key, t } from "../i18n";
import { WalletRefusal } from "../ton/connect";
import { explain } from "../ui/parts";

export function words(error: unknown): string {
  if (!(error instanceof WalletRefusal)) return explain(asProblem(error));
  return t(error.reason === "declined" ? "order.declined.text" : (`wallet.${error.reason}` as Key));
}
