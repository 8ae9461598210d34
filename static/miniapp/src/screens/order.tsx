import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api";
import type { Me, Order } from "../api/types";
import { type Key, t } from "../i18n";
import type { Primary } from "../state/actions";
import { watchSeconds } from "../state/clock";
import { attemptOf } from "../state/invoice";
import { OPEN, useLiveOrder } from "../state/liveorder";
import { type Signing, sign, signing } from "../state/purchase";
import { forgetQueries, useQuery } from "../state/query";
import { go, href } from "../state/router";
import { haptic, telegram } from "../telegram";
import { same } from "../ton/address";
import { connected } from "../ton/connect";
import { useLight } from "../ui/light";
import { Cover, Failure, Skeleton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { Done, Facts } from "./orderparts";
import { ElsewhereOrder } from "./paid";
import { type Moments, Progress } from "./progress";

/** When this page saw each state, for the times beside the steps. */
function useMoments(order: Order | null, signed: Signing | undefined): Moments {
  const seen = useRef<{ chain: number | null; yours: number | null }>({ chain: null, yours: null });
  const watched = useRef(false);
  const state = order?.state;
  if (state === "awaiting_payment") watched.current = true;
  if (watched.current && state && state !== "awaiting_payment") {
    seen.current.chain ??= Date.now();
    if (state === "fulfilled") seen.current.yours ??= Date.now();
  }
  return { signed: signed?.stage === "signed" ? signed.at : null, ...seen.current };
}

export function OrderScreen({ of: id }: { of: string }): JSX.Element {
  const { data: order, problem, retry } = useQuery(`order:${id}`, () => api.order(id));
  const signed = signing.value[id];
  const open = order ? OPEN.has(order.state) : false;
  useLiveOrder(id, open);
  useLight(order?.release.colours);
  useEffect(() => (open ? watchSeconds() : undefined), [open]);
  useClosingGuard(open && signed?.stage === "asking");
  const gift = useGift(order);
  const moments = useMoments(order, signed);
  const fulfilled = order?.state === "fulfilled";
  useEffect(() => {
    if (!fulfilled) return;
    if (signed) haptic.success();
    for (const stale of ["items", "orders", "drop"]) forgetQueries(stale);
  }, [fulfilled, signed]);
  if (!order) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["cover-small", "title", "line", "line", "line"]} />;
  }
  if ((attemptOf(order)?.method ?? "ton") !== "ton") return <ElsewhereOrder order={order} />;
  return (
    <article class="order">
      <h1 class="visually-hidden">{t("order.title")}</h1>
      <div class="order-cover">
        <Cover release={order.release} name={order.drop} eager />
      </div>
      <div class="order-words">
        {fulfilled ? (
          <Done order={order} gift={gift} />
        ) : (
          <Standing order={order} signed={signed} />
        )}
        {(open || fulfilled) && (
          <Progress order={order} gift={gift} signed={signed} moments={moments} />
        )}
        <div class="dock">
          <PrimaryAction action={action(order, signed, gift)} />
        </div>
        {open && signed?.stage === "signed" && connected.value?.link && (
          <a class="button" href={connected.value.link} target="_blank" rel="noopener noreferrer">
            {t("order.open.wallet")}
          </a>
        )}
        <Facts order={order} gift={gift} />
      </div>
    </article>
  );
}

/** Telegram asks before closing, only while the wallet is being asked. */
function useClosingGuard(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    telegram.value?.enableClosingConfirmation();
    return () => telegram.value?.disableClosingConfirmation();
  }, [on]);
}

function action(order: Order, signed: Signing | undefined, gift: boolean): Primary | null {
  if (order.state === "fulfilled") {
    if (gift) return { label: t("order.again"), press: () => go(href.drop(order.drop)) };
    const [only, another] = order.items;
    const to = only && !another ? href.item(only.address) : href.collection();
    const label = only && !another ? t("order.seen") : t("order.collection");
    return { label, press: () => go(to) };
  }
  if (order.state === "awaiting_payment") {
    if (signed?.stage === "asking") {
      return { label: t("order.signed.wait"), press: () => undefined, busy: true, enabled: false };
    }
    if (signed?.stage === "signed") return null;
    const label = signed ? t("order.pay.again") : t("order.open.wallet");
    return { label, press: () => void sign(order) };
  }
  if (OPEN.has(order.state)) return null;
  return { label: t("order.again"), press: () => go(href.drop(order.drop)) };
}

/** The chain names a recipient for every purchase: it is a gift when the wallet is not mine. */
function useGift(order: Order | null): boolean {
  const me = useQuery<Me>("me", api.me);
  const to = order?.recipient ?? null;
  return Boolean(to && me.data && !me.data.wallets.some((wallet) => same(wallet.address, to)));
}

const REASONS: Record<string, Key> = {
  sold_out: "order.sold_out",
  price_changed: "order.price",
  paused: "order.window",
  not_started: "order.window",
  ended: "order.window",
  unpaid: "order.expired",
};

/** What became of it, in words; and where the money is. */
function standing(order: Order, signed: Signing | undefined): Key {
  if (order.state === "needs_attention") return "order.attention";
  if (order.state === "expired" || order.state === "cancelled") {
    return REASONS[order.reason?.code ?? ""] ?? `order.${order.state}`;
  }
  if (signed?.stage === "declined" && order.state === "awaiting_payment") return "order.declined";
  if (order.state !== "awaiting_payment" || signed?.stage === "signed") return "order.chain";
  return "order.signed";
}

const TITLES: Partial<Record<Key, Key>> = {
  "order.chain": "order.chain.wait",
  "order.signed": "order.signed.wait",
};

function Standing({ order, signed }: { order: Order; signed: Signing | undefined }): JSX.Element {
  const key = standing(order, signed);
  const [late, setLate] = useState(false);
  const asking = signed?.stage === "asking";
  useEffect(() => {
    const timer = asking ? setTimeout(() => setLate(true), 25_000) : undefined;
    return () => clearTimeout(timer);
  }, [asking]);
  const trouble = signed?.stage === "network" || signed?.stage === "failed";
  return (
    <header class="order-head" aria-live="polite">
      <p class="by">
        {order.release.title} <span class="soft">{order.release.artist.name}</span>
      </p>
      <h2 class="title">{t(TITLES[key] ?? key)}</h2>
      <p class="soft">{t(`${key}.text` as Key)}</p>
      {asking && late && <p class="notice">{t("order.wallet.timeout")}</p>}
      {trouble && OPEN.has(order.state) && (
        <p class="notice notice-bad">{t(`wallet.${signed.stage}` as Key)}</p>
      )}
    </header>
  );
}
