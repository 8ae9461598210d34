import { signal } from "@preact/signals";
import { type Dictionary, en, type Key } from "./en";
import { ru } from "./ru";

export type Language = "en" | "ru";
export type { Key } from "./en";

type Parameters = Record<string, string | number>;

const dictionaries: Record<Language, Dictionary> = { en, ru };
const CHOSEN = "tonality.language";

function chosen(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(CHOSEN);
  } catch {
    // Without storage the browser's language decides.
  }
  return (kept ?? navigator.language).toLowerCase().startsWith("ru") ? "ru" : "en";
}

export const language = signal<Language>(chosen());

language.subscribe((value) => {
  document.documentElement.lang = value;
});

export function choose(value: Language): void {
  language.value = value;
  try {
    localStorage.setItem(CHOSEN, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** Goes back to Telegram's language, or the browser's. */
export function unchoose(code: string | undefined): void {
  try {
    localStorage.removeItem(CHOSEN);
  } catch {
    // Nothing was kept then.
  }
  language.value = (code || navigator.language).toLowerCase().startsWith("ru") ? "ru" : "en";
}

/** Follows Telegram's language unless the person has chosen one here. */
export function suggest(code: string | undefined): void {
  if (!code) return;
  try {
    if (localStorage.getItem(CHOSEN)) return;
  } catch {
    return;
  }
  language.value = code.toLowerCase().startsWith("ru") ? "ru" : "en";
}

const fill = (text: string, values: Parameters) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The words for `key`. A plural entry is chosen by `values.count`. */
export function t(key: Key, values: Parameters = {}): string {
  const entry = dictionaries[language.value][key];
  if (typeof entry === "string") return fill(entry, values);
  const count = Number(values.count ?? 0);
  const form = new Intl.PluralRules(language.value).select(count);
  const shown = { ...values, count: number(count) };
  return fill(entry[form] ?? entry.other, shown);
}

/** The reader's own region where it speaks the chosen language: en-GB has no "02:26 AM". */
const locale = () =>
  navigator.languages.find((each) => each.startsWith(language.value)) ?? language.value;

/** "$2.90", "270 ₽": an amount that only gives an idea, so whole where it is large. */
export const currencyText = (value: number, currency: string) =>
  new Intl.NumberFormat(locale(), {
    style: "currency",
    currency,
    maximumFractionDigits: value >= 100 ? 0 : 2,
  }).format(value);

/** "4 minutes ago". */
export function ago(iso: string): string {
  const minutes = Math.round((Date.parse(iso) - Date.now()) / 60_000);
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  if (minutes > -60) return words.format(Math.min(0, minutes), "minute");
  return minutes > -1440
    ? words.format(Math.round(minutes / 60), "hour")
    : words.format(Math.round(minutes / 1440), "day");
}

export const number = (value: number) => new Intl.NumberFormat(locale()).format(value);

export function date(iso: string, withTime = false): string {
  const style: Intl.DateTimeFormatOptions = withTime
    ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
    : { day: "numeric", month: "long", year: "numeric" };
  return new Intl.DateTimeFormat(locale(), style).format(new Date(iso));
}

/** "November 2026" */
export const month = (day: string) =>
  new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(day),
  );

export const percent = (bps: number) =>
  new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 2 }).format(
    bps / 10_000,
  );
