import { afterEach, describe, expect, it } from "vitest";
import { choose, t } from "../src/i18n";
import { en } from "../src/i18n/en";
import { ru } from "../src/i18n/ru";

const parameters = (entry: unknown) => {
  const texts = typeof entry === "string" ? [entry] : Object.values(entry as object);
  return new Set(texts.flatMap((text) => String(text).match(/\{\w+\}/g) ?? []));
};

describe("words", () => {
  afterEach(() => choose("en"));

  it("has every entry in both languages with the same parameters", () => {
    expect(Object.keys(ru).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      const missing = [...parameters(ru[key])].filter((name) => !parameters(en[key]).has(name));
      expect(missing, key).toEqual([]);
    }
  });

  it("keeps no words that nobody says", () => {
    const sources = import.meta.glob("../src/**/*.{ts,tsx}", {
      query: "?raw",
      import: "default",
      eager: true,
    }) as Record<string, string>;
    const said = Object.entries(sources)
      .filter(([path]) => !path.includes("/i18n/"))
      .map(([, text]) => text)
      .join("\n");
    const begun = [...said.matchAll(/`([\w.]+)\$\{/g)].map(([, start]) => start as string);
    const silent = Object.keys(en).filter(
      (key) => !said.includes(`"${key}"`) && !begun.some((start) => key.startsWith(start)),
    );
    expect(silent).toEqual([]);
  });

  it("has all Russian plural forms wherever it counts", () => {
    for (const [key, entry] of Object.entries(ru)) {
      if (typeof entry === "string") continue;
      expect(Object.keys(entry).sort(), key).toEqual(["few", "many", "one", "other"]);
    }
  });

  it("counts as a Russian does", async () => {
    await choose("ru");
    const words = [1, 2, 5, 11, 21, 22, 25].map((count) => t("drop.tracks", { count }));
    expect(words).toEqual([
      "1 трек",
      "2 трека",
      "5 треков",
      "11 треков",
      "21 трек",
      "22 трека",
      "25 треков",
    ]);
  });

  it("leaves no parameter unfilled", () => {
    expect(t("drop.collect", { price: "2.5 TON" })).toBe("Collect - 2.5 TON");
  });
});
