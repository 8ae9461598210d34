import { signal } from "@preact/signals";
import { config } from "../config";
import { launchedByTelegram, launchTheme } from "./launch";
import type { WebApp } from "./types";

/** Telegram's object once its script is here; null in an ordinary browser, for ever. */
export const telegram = signal<WebApp | null>(null);
/** Known from the launch itself, before any script: pages lay themselves out by it. */
export const inTelegram = launchedByTelegram;

const dark = matchMedia("(prefers-color-scheme: dark)");
export const scheme = signal<"light" | "dark">(dark.matches ? "dark" : "light");

scheme.subscribe((value) => {
  if (inTelegram) document.documentElement.dataset.theme = value;
});

function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  return 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
}

/** The launch carries the theme: the first paint already has it. */
function earlyTheme(): void {
  const text = launchTheme();
  if (!text) return;
  const theme = JSON.parse(text) as Record<string, string>;
  for (const [name, value] of Object.entries(theme)) {
    const property = `--tg-theme-${name.replaceAll("_", "-")}`;
    document.documentElement.style.setProperty(property, value);
  }
  if (theme.bg_color) scheme.value = luminance(theme.bg_color) < 128 ? "dark" : "light";
}

function adopt(app: WebApp): void {
  const follow = () => {
    scheme.value = app.colorScheme;
    if (app.isVersionAtLeast("6.1")) app.setHeaderColor("bg_color");
    if (app.isVersionAtLeast("7.10")) app.setBottomBarColor("bg_color");
  };
  follow();
  app.onEvent("themeChanged", follow);
  app.ready();
  app.expand();
  if (app.isVersionAtLeast("7.7")) app.disableVerticalSwipes();
  telegram.value = app;
}

/** Loads Telegram's script only where Telegram opened us. Failing, the page works as in a browser. */
export function startTelegram(): void {
  if (!inTelegram) {
    dark.addEventListener("change", () => {
      scheme.value = dark.matches ? "dark" : "light";
    });
    return;
  }
  earlyTheme();
  if (!config.telegram_js) return;
  const script = document.createElement("script");
  script.src = config.telegram_js;
  script.nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
  script.onload = () => {
    if (window.Telegram) adopt(window.Telegram.WebApp);
    // The parameters hold signed data of the person: they must not travel in copied addresses.
    history.replaceState(history.state, "", location.pathname + location.search);
  };
  document.head.append(script);
}

export const haptic = {
  tap: () => telegram.value?.HapticFeedback.impactOccurred("light"),
  select: () => telegram.value?.HapticFeedback.selectionChanged(),
  success: () => telegram.value?.HapticFeedback.notificationOccurred("success"),
  error: () => telegram.value?.HapticFeedback.notificationOccurred("error"),
};

/** Saves what a path of ours answers: by Telegram itself where it can, else by the browser. */
export function saveFile(path: string, filename: string): void {
  const app = telegram.value;
  if (app?.downloadFile && app.isVersionAtLeast("8.0")) {
    app.downloadFile({ url: new URL(path, location.href).href, file_name: filename });
    return;
  }
  const link = document.createElement("a");
  link.href = path;
  link.download = filename;
  link.click();
}

export const appLink = (start?: string) =>
  config.bot.username
    ? `https://t.me/${config.bot.username}/${config.bot.app}${start ? `?startapp=${start}` : ""}`
    : null;
