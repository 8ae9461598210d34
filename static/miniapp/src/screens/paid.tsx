import type { JSX } from "preact";
import { api } from "../api";
import { asProblem } from "../api/problem";
import type { Order } from "../api/types";
import { date, type Key, t } from "../i18n";
import type { Primary } from "../state/actions";
import { second, serverNow } from "../state/clock";
import { attemptOf, BELIEVED_MS, invoices, openInvoiceOf, payInvoice } from "../state/invoice";
import { OPEN } from "../state/liveorder";
import { price } from "../state/money";
import { refresh } from "../state/query";
import { go, href } from "../state/router";
import { inTelegram } from "../telegram";
import { linkWallet } from "../ton/open";
import { Cover, explain } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { say } from "../ui/toast";
import { GiveGift } from "./give";
import { Done, Facts } from "./orderparts";
import { Stage, type Standing } from "./progress";

/** An order that is paid outside the chain: kept for its buyer first, minted to a wallet later. */
export function ElsewhereOrder({ order }: { order: Order }): JSX.Element {
  const fulfilled = order.state === "fulfilled";
  const { key, when } = standing(order);
  const lacks = key === "paid.held" && order.claim?.needs_wallet;
  const words: Record<string, string> = when ? { date: date(when) } : {};
  return (
    <article class="order">
      <h1 class="visually-hidden">{t("order.title")}</h1>
      <div class="order-cover">
        <Cover release={order.release} name={order.drop} eager />
      </div>
      <div class="order-words">
        {fulfilled ? (
          <Done order={order} gift={order.gift} />
        ) : (
          <header class="order-head" aria-live="polite">
            <p class="by">
              {order.release.title} <span class="soft">{order.release.artist.name}</span>
            </p>
            <h2 class="title" data-standing={key}>
              {t(key, words)}
            </h2>
            <p class="soft">{t(lacks ? "paid.held.lacking" : (`${key}.text` as Key))}</p>
          </header>
        )}
        {OPEN.has(order.state) && <Way order={order} />}
        {order.claim?.gift_link && <GiveGift order={order} web={order.claim.gift_link} />}
        <Backs order={order} />
        <div class="dock">
          <PrimaryAction action={action(order)} />
        </div>
        <Facts order={order} gift={order.gift} />
      </div>
    </article>
  );
}

/** The key of what to say, whose text stands under `<key>.text`; and the day it names. */
export function standing(order: Order): { key: Key; when?: string } {
  if (order.state === "awaiting_payment") return { key: unpaid(order) };
  if (order.state === "paid" || order.state === "fulfilling") return paid(order);
  if (order.state === "needs_attention") return { key: "order.attention" };
  const refunds = order.attempts.flatMap((attempt) => attempt.refunds);
  const reasons: Record<string, Key> = {
    gift_unclaimed: "gift.unclaimed",
    gift_cancelled: "gift.cancelled",
    refunded: "paid.refunded",
    paid_late: "paid.late",
  };
  const known = reasons[order.reason?.code ?? ""];
  if (known) return { key: known };
  if (refunds.length > 0) return { key: "paid.late" };
  return { key: order.state === "expired" ? "paid.unpaid" : "paid.over" };
}

function unpaid(order: Order): Key {
  const attempt = order.attempts.at(-1);
  const hint = invoices.value[order.id];
  if (hint && (hint.status === "paid" || hint.status === "pending")) {
    second.value;
    if (Date.now() - hint.at < BELIEVED_MS) return "paid.checking";
  }
  if (attempt?.state === "processing") return "paid.checking";
  if (attempt?.state === "failed") return "paid.failed";
  if (hint?.status === "failed") return "paid.failed";
  if (hint?.status === "cancelled") return "paid.closed";
  if (attempt?.method !== "stars" || !inTelegram) return "paid.elsewhere";
  return openInvoiceOf(order) || attempt.state === "cancelled" ? "paid.ready" : "paid.preparing";
}

function paid(order: Order): { key: Key; when?: string } {
  const claim = order.claim;
  if (!claim) return { key: "paid.making" };
  if (claim.frozen) return { key: "paid.frozen" };
  if (order.gift) return { key: claim.gift_opened ? "gift.opened" : "gift.given" };
  if (Date.parse(claim.hold_until) > serverNow()) {
    return { key: "paid.held", when: claim.hold_until };
  }
  return { key: claim.needs_wallet ? "paid.wallet" : "paid.making" };
}

function action(order: Order): Primary | null {
  if (order.state === "fulfilled") {
    const [only, another] = order.items;
    if (order.gift || !only) {
      return { label: t("order.again"), press: () => go(href.drop(order.drop)) };
    }
    const to = another ? href.collection() : href.item(only.address);
    return { label: t(another ? "order.collection" : "order.seen"), press: () => go(to) };
  }
  if (order.state === "awaiting_payment") return toPay(order);
  if (OPEN.has(order.state)) {
    if (!order.claim?.needs_wallet) return null;
    return { label: t("profile.connect"), press: () => void connect(order) };
  }
  return { label: t("order.again"), press: () => go(href.drop(order.drop)) };
}

function toPay(order: Order): Primary | null {
  const attempt = attemptOf(order);
  const key = unpaid(order);
  if (!attempt || key === "paid.elsewhere") return null;
  if (key === "paid.checking" || key === "paid.preparing") {
    return { label: t(key), press: () => undefined, busy: true, enabled: false };
  }
  const label = t("paid.pay", { price: price(attempt.amount) });
  return { label, press: () => void pay(order) };
}

async function pay(order: Order): Promise<void> {
  try {
    await payInvoice(order);
  } catch (error) {
    say(explain(asProblem(error)));
  }
}

async function connect(order: Order): Promise<void> {
  if (await linkWallet()) await refresh(`order:${order.id}`, () => api.order(order.id));
}

/** paid -> kept -> minted -> yours; a gift is opened in between. */
function Way({ order }: { order: Order }): JSX.Element {
  const claim = order.claim;
  const here = claim ? 1 : 0;
  const stage = (place: number): Standing =>
    place < here ? "done" : place === here ? "now" : "later";
  return (
    <ol class="progress">
      <Stage standing={stage(0)} done={t("paid.step")} wait={t("paid.step.wait")} time="" />
      <Stage standing={stage(1)} done="" wait={kept(order)} time="" />
      <Stage standing="later" done="" wait={t("order.yours.wait")} time="" />
    </ol>
  );
}

function kept(order: Order): string {
  const claim = order.claim;
  if (order.gift && !claim?.gift_opened) return t("paid.step.open");
  if (claim && Date.parse(claim.hold_until) > serverNow()) {
    return t("paid.step.kept", { date: date(claim.hold_until) });
  }
  return claim?.needs_wallet ? t("paid.step.wallet") : t("paid.step.making");
}

const BACK: Record<string, Key> = {
  requested: "paid.back.asked",
  done: "paid.back.done",
  failed: "paid.back.failed",
};

function Backs({ order }: { order: Order }): JSX.Element | null {
  const refunds = order.attempts
    .flatMap((attempt) => attempt.refunds)
    .filter((refund) => refund.state !== "cancelled");
  if (refunds.length === 0) return null;
  return (
    <section class="block">
      <h2 class="subtitle">{t("paid.back")}</h2>
      <ul class="list">
        {refunds.map((refund) => (
          <li key={refund.id}>
            <b>{price(refund.amount)}</b> {t(BACK[refund.state] ?? "paid.back.way")}
          </li>
        ))}
      </ul>
    </section>
  );
}
