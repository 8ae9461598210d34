import type { Shared } from "../api/types";
import { telegram } from "../telegram";

/** Ways to pass something on; which of them there are depends on where the page is open. */
export interface Ways {
  /** A message with a picture or a preview, by Telegram's own chooser. */
  friend: boolean;
  story: boolean;
  /** The device's own sheet of applications. */
  others: boolean;
}

export function waysOf(shared: Shared | null): Ways {
  const app = telegram.value;
  return {
    friend: app !== null,
    story: Boolean(app?.shareToStory && app.isVersionAtLeast("7.8") && shared?.picture),
    others: app === null && "share" in navigator,
  };
}

const chooser = (shared: Shared) =>
  `https://t.me/share/url?url=${encodeURIComponent(shared.link)}&text=${encodeURIComponent(shared.text)}`;

/** Resolves to whether it was sent; null when nobody can tell. Only in a handler of a press. */
export function sendToFriend(shared: Shared): Promise<boolean | null> {
  const app = telegram.value;
  const { message } = shared;
  if (!app) {
    window.open(chooser(shared), "_blank", "noopener");
    return Promise.resolve(null);
  }
  if (!message || !app.shareMessage || !app.isVersionAtLeast("8.0")) {
    app.openTelegramLink(chooser(shared));
    return Promise.resolve(null);
  }
  return new Promise((told) => app.shareMessage?.(message, told));
}

/** A link with its words, at one press. True when it could only be copied. */
export async function passOn(link: string, text: string): Promise<boolean> {
  const shared: Shared = { link, text, picture: "", message: null };
  const ways = waysOf(shared);
  if (ways.friend) await sendToFriend(shared);
  else if (ways.others) await sendElsewhere(shared);
  else await navigator.clipboard?.writeText(link).catch(() => undefined);
  return !ways.friend && !ways.others;
}

export function addToStory(shared: Shared): void {
  telegram.value?.shareToStory?.(shared.picture, {
    text: shared.text.slice(0, 200),
    widget_link: { url: shared.link, name: "Tonality" },
  });
}

/** False when the person has closed the sheet without a choice. */
export async function sendElsewhere(shared: Shared): Promise<boolean> {
  try {
    await navigator.share({ url: shared.link, text: shared.text });
    return true;
  } catch {
    return false;
  }
}
