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

/** Shown at once, kept on the server; taken back when it refuses. A guest keeps it on the device. */
export async function prefer(change: PreferencesChange): Promise<void> {
  const before = preferences.peek();
  apply({ ...before, ...change } as Preferences);
  if (signedIn.peek() !== "yes") return;
  try {
    const me = await api.prefer(change);
    put<Me>("me", () => me);
    apply(me.preferences);
  } catch (error) {
    apply(before);
    throw error;
  }
}

/** Follows what was chosen elsewhere, from the moment that we know who is here. */
export function startPreferences(): void {
  apply(preferences.peek());
  let asked = "";
  user.subscribe((who) => {
    if (!who || who.id === asked) return;
    asked = who.id;
    api.me().then(
      (me) => {
        put<Me>("me", () => me);
        apply(me.preferences);
      },
      () => undefined,
    );
  });
}
