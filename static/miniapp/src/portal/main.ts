import { t } from "../i18n";
import { announce, postForm } from "./forms";
import { linkThrough } from "./link";

/**
 * Server-rendered pages that need a wallet. Two kinds of form, both plain forms with their CSRF
 * field, both working against the page's session:
 *
 *   <form method="post" action="..." data-ton-transaction>      the answer is JSON:
 *       {"transaction": {...TON Connect...}, "next": "/address/after/signing"}
 *   <form method="post" action="..." data-ton-link data-ton-nonce="...">
 *       posts to data-ton-nonce for {"payload"}, then {"account","proof"} as JSON to its action,
 *       then opens data-ton-next (or reloads).
 *
 * Each may hold an <output data-ton-status>, where the steps are told. Refusals are problem+json.
 */
async function transact(form: HTMLFormElement): Promise<void> {
  const { connected, restore, send } = await import("../ton/connect");
  await restore();
  if (!connected.value) {
    const nonce = form.dataset.tonNonce;
    const link = form.dataset.tonLink;
    if (!nonce || !link || !(await linkThrough(form, nonce, link))) return;
  }
  announce(form, `${t("buy.preparing")}`);
  const answer = await postForm(form, { wallet: connected.value?.address ?? "" });
  announce(form, t("order.signed.wait"));
  await send(answer.transaction);
  announce(form, t("order.waiting"));
  if (answer.next) location.assign(answer.next);
}

async function link(form: HTMLFormElement): Promise<void> {
  const linked = await linkThrough(form, form.dataset.tonNonce ?? "", form.action);
  if (!linked) return;
  if (form.dataset.tonNext) location.assign(form.dataset.tonNext);
  else location.reload();
}

async function run(form: HTMLFormElement, job: (form: HTMLFormElement) => Promise<void>) {
  const button = form.querySelector<HTMLButtonElement>("button[type=submit], button:not([type])");
  if (button) button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    await job(form);
  } catch (error) {
    const { tell } = await import("./trouble");
    announce(form, tell(error), true);
  } finally {
    if (button) button.disabled = false;
    form.removeAttribute("aria-busy");
  }
}

// One listener on the document: forms that htmx swaps in later are covered too.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const job = form.matches("[data-ton-transaction]")
    ? transact
    : form.matches("[data-ton-link]")
      ? link
      : null;
  if (!job) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") void run(form, job);
});
