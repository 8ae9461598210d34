import type { JSX } from "preact";
import { api } from "../api";
import type { Money, Rates } from "../api/types";
import { config } from "../config";
import { ago, currencyText, t } from "../i18n";
import { nano } from "../state/money";
import { preferences } from "../state/preferences";
import { useQuery } from "../state/query";

const MICRO = 1_000_000n;

/** A decimal string of a price in millionths: "3.05" is 3050000. */
export function micros(price: string): bigint {
  const [whole = "0", part = ""] = price.split(".");
  return BigInt(whole) * MICRO + BigInt(part.slice(0, 6).padEnd(6, "0"));
}

/** What an amount of the native coin is about worth, in whole units of a currency. */
export function worth(money: Money, price: string): number {
  const hundredths = (nano(money) * micros(price)) / 10n ** BigInt(config.coin.decimals + 4);
  return Number(hundredths) / 100;
}

/** "≈ $7.63" beside a price in coins, with the age of its rate; nothing while there is none. */
export function Near({
  money,
  aged = false,
}: {
  money: Money;
  aged?: boolean;
}): JSX.Element | null {
  const rates = useQuery<Rates>("rates", api.rates).data;
  const rate = rates?.rates.find((each) => each.currency === preferences.value.currency);
  if (!rate || money.asset !== "TON" || nano(money) === 0n) return null;
  const text = `≈\u00a0${currencyText(worth(money, rate.price), rate.currency)}`;
  const age = t(rate.stale ? "near.stale" : "near.age", { ago: ago(rate.at) });
  return (
    <span class="near soft" title={age}>
      {text}
      {(aged || rate.stale) && <small> · {age}</small>}
    </span>
  );
}
