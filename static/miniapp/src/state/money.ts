import type { Money } from "../api/types";
import { config } from "../config";
import { digits, t } from "../i18n";

const DECIMALS: Record<string, number> = { XTR: 0, USD: 2, RUB: 2, USDT: 6 };

/** Exact decimal text of minor units: strings and BigInt all the way, never floats. */
export function decimal(units: bigint, decimals: number): string {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const part = decimals === 0 ? "" : digits.slice(-decimals).replace(/0+$/, "");
  return `${sign}${whole}${part && `.${part}`}`;
}

export const nano = (money: Money) => BigInt(money.amount);
export const coins = (units: bigint): Money => ({ asset: "TON", amount: units.toString() });

/** "2.5 TON" in the reader's language; the native coin's label is a setting. */
export function price(money: Money): string {
  const native = money.asset === "TON";
  const exact = decimal(nano(money), native ? config.coin.decimals : (DECIMALS[money.asset] ?? 0));
  const stars = money.asset === "XTR" && t("money.stars", { count: Number(exact) });
  const label = native ? config.coin.label : stars || money.asset;
  return `${digits(exact)}\u00a0${label}`;
}

/** A bound in nano, rounded up to a thousandth: "at most" stays true and stays readable. */
export function priceUp(units: bigint): string {
  const step = 10n ** BigInt(Math.max(0, config.coin.decimals - 3));
  return price(coins(((units + step - 1n) / step) * step));
}

/** The platform's part rounds down, the artist has the rest: as the contract's muldiv does. */
export function shares(unit: Money, platformBps: number): { artist: Money; platform: Money } {
  const platform = (nano(unit) * BigInt(platformBps)) / 10_000n;
  return { artist: coins(nano(unit) - platform), platform: coins(platform) };
}
