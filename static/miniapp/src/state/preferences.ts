import { signal } from "@preact/signals";
import { api } from "../api";
import { signedIn, user } from "../api/session";
import type { Me, Preferences, PreferencesChange } from "../api/types";
import { choose, type Language, unchoose } from "../i18n";
import { type Theme, theme } from "../telegram";
import { put } from "./query";

const KEPT = "tonality.preferences";
const FIRST: Preferences = { language: "", currency: "USD", theme: "system", shown: true };

function kept(): Preferences {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Preferences) };
  } catch {
    return FIRST;
  }
}

/** What the person chose, as last known here: the server has the last word. */
export const preferences = signal<Preferences>(kept());

function apply(value: Preferences): void {
  const before = preferences.peek().language;
  preferences.value = value;
  theme.value = (value.theme ?? "system") as Theme;
  if (value.language) void choose(value.language as Language);
  else if (before) unchoose(user.peek()?.language);
  try {
    localStorage.setItem(KEPT, JSON.stringify(value));
  } catch {
    // They are asked for again with the next page.
  }
}

// What is shown: the server's last word, and over it what is still on its way there.
let told = preferences.peek();
const onTheWay: PreferencesChange[] = [];
let heard = 0;
let last: Promise<unknown> = Promise.resolve();

function show(): void {
  apply(Object.assign({}, told, ...onTheWay) as Preferences);
}

function hear(me: Me): void {
  heard += 1;
  told = me.preferences;
  put<Me>("me", () => me);
}

/**
 * Shown at once, kept on the server, one change after another; taken back alone when it refuses.
 * A guest keeps it on the device.
 */
export async function prefer(change: PreferencesChange): Promise<void> {
  onTheWay.push(change);
  show();
  const before = last;
  const kept = (async () => {
    await before.catch(() => undefined);
    if (signedIn.peek() === "yes") hear(await api.prefer(change));
    else told = { ...told, ...change } as Preferences;
  })();
  last = kept;
  try {
    await kept;
  } finally {
    onTheWay.splice(onTheWay.indexOf(change), 1);
    show();
  }
}

/** Follows what was chosen elsewhere, from the moment that we know who is here. */
export function startPreferences(): void {
  show();
  let asked = "";
  user.subscribe((who) => {
    if (!who || who.id === asked) return;
    asked = who.id;
    const at = heard;
    api.me().then(
      (me) => {
        if (heard !== at) return; // what a choice was answered meanwhile is newer
        hear(me);
        show();
      },
      () => undefined,
    );
  });
}
