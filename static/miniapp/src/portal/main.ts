import { t } from "../i18n";
import { enable, SCRIPTED } from "./buttons";
import { postJson } from "./http";

/**
 * Server-rendered pages that need a wallet, over the page's own session:
 *
 *   <button data-connect-wallet>                     links a wallet, then reloads the page
 *   <button data-wallet-sign-in="/address">          signs in by a wallet, then goes there
 *   <button data-ton-transaction="/address">         POSTs there for a TON Connect transaction and
 *                                                    hands it to the wallet; then goes to data-then
 *   <button data-copy="text">                        puts the text into the clipboard
 *   <button data-share="link" data-share-text="...">  shown where the browser can share
 *
 * Each is disabled until this script is there (./buttons). Beside a button may stand
 * [data-progress], where the steps are told, and [data-error]. The page carries its configuration
 * in #portal-config and a CSRF field in any of its forms.
 */
const near = (button: HTMLElement, name: string) =>
  (button.closest("section, [data-portal-wallet]") ?? document).querySelector<HTMLElement>(
    `[data-${name}]`,
  );

function tell(button: HTMLElement, text: string): void {
  const place = near(button, "progress");
  if (place) place.textContent = text;
}

function fail(button: HTMLElement, text: string | null): void {
  const place = near(button, "error");
  if (!place) return;
  place.hidden = text === null;
  place.textContent = text;
}

async function connect(): Promise<void> {
  const { linkWallet } = await import("./link");
  if (await linkWallet()) location.reload();
}

async function signIn(button: HTMLElement): Promise<void> {
  const { signInByWallet } = await import("./link");
  if (await signInByWallet()) location.assign(button.dataset.walletSignIn ?? "/");
}

async function transact(button: HTMLElement): Promise<void> {
  const { connected, restore, send } = await import("../ton/connect");
  const { linkWallet } = await import("./link");
  await restore();
  if (!connected.value && !(await linkWallet())) return;
  tell(button, t("buy.preparing"));
  const transaction = await postJson<Parameters<typeof send>[0]>(
    button.dataset.tonTransaction ?? "",
    {},
  );
  tell(button, t("order.signed.wait"));
  await send(transaction);
  tell(button, t("order.waiting"));
  if (button.dataset.then) location.assign(button.dataset.then);
}

async function copy(button: HTMLElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset.copy ?? "");
  const before = button.textContent;
  button.textContent = t("common.copied");
  setTimeout(() => {
    button.textContent = before;
  }, 1600);
}

async function share(button: HTMLElement): Promise<void> {
  const { share: url, shareText: text } = button.dataset;
  await navigator.share({ url: url ?? "", text: text ?? "" }).catch(() => undefined);
}

async function run(button: HTMLButtonElement, job: (button: HTMLElement) => Promise<void>) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  fail(button, null);
  try {
    await job(button);
  } catch (error) {
    const { words } = await import("./trouble");
    tell(button, "");
    fail(button, words(error));
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

// One listener on the document: what htmx swaps in later is covered too.
document.addEventListener("click", (event) => {
  const button = (event.target as Element | null)?.closest<HTMLButtonElement>(SCRIPTED);
  if (!button || button.disabled) return;
  const jobs = {
    connectWallet: connect,
    walletSignIn: signIn,
    tonTransaction: transact,
    copy,
    share,
  };
  for (const [name, job] of Object.entries(jobs)) {
    if (name in button.dataset) void run(button, job);
  }
});

document.addEventListener("htmx:load", (event) => enable(event.target as Element));
enable(document);
