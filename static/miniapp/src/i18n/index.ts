import { signal } from "@preact/signals";
import { type Dictionary, en, type Key } from "./en";

export type Language = "en" | "ru";
export type { Key } from "./en";

type Parameters = Record<string, string | number>;

const dictionaries: { [Each in Language]?: Dictionary } & { en: Dictionary } = { en };
const fetches = { en: async () => en, ru: async () => (await import("./ru")).ru };
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

export const language = signal<Language>("en");
let wanted: Language = "en";

/** From when its words are here: they come apart, so that nobody waits for those of others. */
async function speak(value: Language): Promise<void> {
  wanted = value;
  const words = dictionaries[value] ?? (await fetches[value]().catch(() => null));
  if (!words) return; // away for a moment: as before
  dictionaries[value] = words;
  if (wanted === value) language.value = value;
}

/** The language of this browser is spoken. */
export const ready = speak(chosen());

language.subscribe((value) => {
  document.documentElement.lang = value;
});

export function choose(value: Language): Promise<void> {
  try {
    localStorage.setItem(CHOSEN, value);
  } catch {
    // The choice then lasts as long as the page.
  }
  return speak(value);
}

/** Goes back to Telegram's language, or the browser's. */
export function unchoose(code: string | undefined): void {
  try {
    localStorage.removeItem(CHOSEN);
  } catch {
    // Nothing was kept then.
  }
  void speak((code || navigator.language).toLowerCase().startsWith("ru") ? "ru" : "en");
}

/** Follows Telegram's language unless the person has chosen one here. */
export function suggest(code: string | undefined): void {
  if (!code) return;
  try {
    if (localStorage.getItem(CHOSEN)) return;
  } catch {
    return;
  }
  void speak(code.toLowerCase().startsWith("ru") ? "ru" : "en");
}

const fill = (text: string, values: Parameters) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

const made = new Map<string, unknown>();

/** One formatter for each language and shape: to make one takes a hundred times as long as to use it. */
function kept<T>(shape: string, locale: string, make: () => T): T {
  const key = `${locale} ${shape}`;
  const known = made.get(key) as T | undefined;
  if (known) return known;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

const dates = (tag: string, style: Intl.DateTimeFormatOptions) =>
  kept(`date ${JSON.stringify(style)}`, tag, () => new Intl.DateTimeFormat(tag, style));
const plurals = (tag: string) => kept("plural", tag, () => new Intl.PluralRules(tag));

/** The words for `key`. A plural entry is chosen by `values.count`. */
export function t(key: Key, values: Parameters = {}): string {
  const words: Dictionary = dictionaries[language.value] ?? en;
  const entry = words[key];
  if (typeof entry === "string") return fill(entry, values);
  const count = Number(values.count ?? 0);
  const form = plurals(language.value).select(count);
  const shown = { ...values, count: number(count) };
  return fill(entry[form] ?? entry.other, shown);
}

/** The reader's own region where it speaks the chosen language: en-GB has no "02:26 AM". */
const locale = () =>
  navigator.languages.find((each) => each.startsWith(language.value)) ?? language.value;

const SEPARATORS = { en: [",", "."], ru: ["\u00a0", ","] } as const;

/**
 * "12345.6" as the language writes it. By hand: the first Intl.NumberFormat of a page takes a phone
 * a fifth of a second, and every page shows a number.
 */
export function digits(text: string): string {
  const [group, point] = SEPARATORS[language.value];
  const [whole = "0", part] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return part ? `${grouped}${point}${part}` : grouped;
}

export const number = (value: number) => digits(String(value));

const SIGNS: Record<string, string> = { USD: "$", RUB: "₽" };

/** "$2.90", "270 ₽": an amount that only gives an idea, so whole where it is large. */
export function currencyText(value: number, currency: string): string {
  const amount = digits(value.toFixed(value >= 100 ? 0 : 2));
  const sign = SIGNS[currency] ?? currency;
  return language.value === "en" && currency === "USD"
    ? `${sign}${amount}`
    : `${amount}\u00a0${sign}`;
}

/** "4 minutes ago". */
export function ago(iso: string): string {
  const minutes = Math.round((Date.parse(iso) - Date.now()) / 60_000);
  if (minutes >= 0) return t("time.now");
  const tag = locale();
  const words = kept("ago", tag, () => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
  if (minutes > -60) return words.format(minutes, "minute");
  return minutes > -1440
    ? words.format(Math.round(minutes / 60), "hour")
    : words.format(Math.round(minutes / 1440), "day");
}

export function date(iso: string, withTime = false): string {
  const style: Intl.DateTimeFormatOptions = withTime
    ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
    : { day: "numeric", month: "long", year: "numeric" };
  return dates(locale(), style).format(new Date(iso));
}

/** "November 2026" */
export const month = (day: string) =>
  dates(locale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(day));

export const percent = (bps: number) =>
  `${digits(String(bps / 100))}${language.value === "ru" ? "\u00a0" : ""}%`;
