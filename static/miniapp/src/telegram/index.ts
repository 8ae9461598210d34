import { computed, signal } from "@preact/signals";
import { config } from "../config";
import { launchedByTelegram, launchTheme } from "./launch";
import type { WebApp } from "./types";

/** Telegram's object once its script is here; null in an ordinary browser, for ever. */
export const telegram = signal<WebApp | null>(null);
/** Known from the launch itself, before any script: pages lay themselves out by it. */
export const inTelegram = launchedByTelegram;

/** The page's ground in both themes, as tokens.css has it. */
const OWN = { light: "#ffffff", dark: "#0d0d11" } as const;
const dark = matchMedia("(prefers-color-scheme: dark)");
/** What Telegram, or the device, shows. */
const theirs = signal<"light" | "dark">(dark.matches ? "dark" : "light");

export type Theme = "system" | "light" | "dark";
/** What the person chose here; "system" follows Telegram or the device. */
export const theme = signal<Theme>("system");
export const scheme = computed(() => (theme.value === "system" ? theirs.value : theme.value));

/** The Mini App's page wears the theme; portal and desk, which use parts of this, have their own. */
function dress(): void {
  scheme.subscribe((value) => {
    const { dataset } = document.documentElement;
    if (inTelegram || theme.peek() !== "system") dataset.theme = value;
    else delete dataset.theme;
  });
  // Colours of our own in the place of Telegram's, whose theme is another one.
  theme.subscribe((value) => {
    document.documentElement.classList.toggle("own-theme", value !== "system");
    paintFrame();
  });
}

/** Telegram's own bars wear the page's colour. */
function paintFrame(): void {
  const app = telegram.peek();
  if (!app) return;
  const own = theme.peek() === "system" ? "bg_color" : OWN[scheme.peek()];
  if (app.isVersionAtLeast("6.1")) app.setHeaderColor(own);
  if (app.isVersionAtLeast("7.10")) app.setBottomBarColor(own);
}

function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  return 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
}

/** The launch carries the theme: the first paint already has it. */
function earlyTheme(): void {
  const text = launchTheme();
  if (!text) return;
  const early = JSON.parse(text) as Record<string, string>;
  for (const [name, value] of Object.entries(early)) {
    const property = `--tg-theme-${name.replaceAll("_", "-")}`;
    document.documentElement.style.setProperty(property, value);
  }
  if (early.bg_color) theirs.value = luminance(early.bg_color) < 128 ? "dark" : "light";
}

function adopt(app: WebApp): void {
  const follow = () => {
    theirs.value = app.colorScheme;
    paintFrame();
  };
  telegram.value = app;
  follow();
  app.onEvent("themeChanged", follow);
  app.ready();
  app.expand();
  if (app.isVersionAtLeast("7.7")) app.disableVerticalSwipes();
}

/** Loads Telegram's script only where Telegram opened us. Failing, the page works as in a browser. */
export function startTelegram(): void {
  dress();
  if (!inTelegram) {
    dark.addEventListener("change", () => {
      theirs.value = dark.matches ? "dark" : "light";
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
