/**
 * Buttons that do nothing without their script. The server gives them disabled, so that a press
 * which comes before the script is not lost in silence; the script enables what it answers for,
 * and shows what this browser can do. Parts of a page that come later pass here as well.
 */
export const SCRIPTED =
  "[data-connect-wallet], [data-wallet-sign-in], [data-ton-transaction], [data-copy], [data-share]";

export function enable(part: ParentNode): void {
  for (const button of part.querySelectorAll<HTMLButtonElement>(SCRIPTED)) {
    if (!button.hasAttribute("aria-busy")) button.disabled = false;
    if ("share" in button.dataset) button.hidden = !("share" in navigator);
  }
}
