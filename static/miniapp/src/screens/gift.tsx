import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { asProblem } from "../api/problem";
import { signedIn } from "../api/session";
import type { Gift } from "../api/types";
import { date, type Key, t } from "../i18n";
import type { Primary } from "../state/actions";
import { serverNow } from "../state/clock";
import { forgetQueries, put, refresh, useQuery } from "../state/query";
import { go, href } from "../state/router";
import { haptic, inTelegram } from "../telegram";
import { linkWallet } from "../ton/open";
import { EditionNumber } from "../ui/edition";
import { useLight } from "../ui/light";
import { Artist, Cover, explain, Failure, Skeleton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { say } from "../ui/toast";

const POLL_MS = 4_000;

/** A gift by its link: what it is and from whom; never its price. */
export function GiftScreen({ of: secret }: { of: string }): JSX.Element {
  const key = `gift:${secret}`;
  const who = signedIn.value;
  const {
    data: gift,
    problem,
    retry,
  } = useQuery(who === "asking" ? null : `${key}:${who}`, () => api.gift(secret));
  const [busy, setBusy] = useState(false);
  useLight(gift?.release.colours);
  const place = `${key}:${who}`;
  const moving = gift?.standing === "yours" && gift.items.length === 0;
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => void refresh(place, () => api.gift(secret)), POLL_MS);
    return () => clearInterval(timer);
  }, [moving, place, secret]);
  if (!gift) {
    if (problem) return <Failure problem={problem} retry={() => void retry()} />;
    return <Skeleton shapes={["cover-small", "title", "line", "button"]} />;
  }
  const accept = async () => {
    setBusy(true);
    try {
      const taken = await api.acceptGift(secret);
      put<Gift>(place, () => taken);
      forgetQueries("claims");
      haptic.success();
    } catch (error) {
      haptic.error();
      say(explain(asProblem(error)));
      await retry();
    }
    setBusy(false);
  };
  const connect = async () => {
    if (await linkWallet()) await retry();
  };
  return (
    <article class="order">
      <div class="order-cover">
        <Cover release={gift.release} name={gift.drop} eager />
      </div>
      <div class="order-words">
        <header class="order-head" aria-live="polite">
          <h1 class="title" data-gift={gift.standing}>
            {heading(gift)}
          </h1>
          <p class="by">
            {gift.release.title}{" "}
            <span class="soft">
              <Artist release={gift.release} />
            </span>
          </p>
          <p class="soft">{text(gift)}</p>
        </header>
        {gift.note && <blockquote class="gift-note">{gift.note}</blockquote>}
        {gift.standing === "waiting" && <Next />}
        {gift.items.length > 0 && <Numbers gift={gift} />}
        <div class="dock">
          <PrimaryAction action={action(gift, who === "guest", busy, accept, connect, secret)} />
        </div>
      </div>
    </article>
  );
}

function heading(gift: Gift): string {
  if (gift.standing !== "waiting") return t(`gift.${gift.standing}` as Key);
  return gift.giver ? t("gift.from", { name: gift.giver }) : t("gift.from.someone");
}

function text(gift: Gift): string {
  if (gift.standing === "yours") return yours(gift);
  if (gift.standing !== "waiting") return t(`gift.${gift.standing}.text` as Key);
  const number = t("gift.editions", { count: gift.quantity });
  return gift.until ? `${number} · ${t("gift.open.until", { date: date(gift.until) })}` : number;
}

function yours(gift: Gift): string {
  const claim = gift.claim;
  if (gift.items.length > 0 || !claim) return t("order.done.text");
  if (Date.parse(claim.hold_until) > serverNow()) {
    return t("gift.yours.held", { date: date(claim.hold_until) });
  }
  return t(claim.needs_wallet ? "gift.yours.wallet" : "gift.yours.making");
}

function action(
  gift: Gift,
  guest: boolean,
  busy: boolean,
  accept: () => Promise<void>,
  connect: () => Promise<void>,
  secret: string,
): Primary | null {
  if (gift.standing === "waiting" && guest) {
    if (inTelegram) return null;
    return { label: t("gift.web"), press: () => location.assign(`/gift/${secret}`) };
  }
  if (gift.standing === "waiting") {
    return { label: t("gift.accept"), press: () => void accept(), busy, enabled: !busy };
  }
  if (gift.standing === "yours") {
    if (gift.claim?.needs_wallet) {
      return { label: t("profile.connect"), press: () => void connect() };
    }
    return { label: t("order.collection"), press: () => go(href.collection()) };
  }
  if (gift.standing === "own") return { label: t("order.list"), press: () => go(href.orders()) };
  return { label: t("item.drop"), press: () => go(href.drop(gift.drop)) };
}

function Next(): JSX.Element {
  return (
    <ol class="steps">
      <li>{t("gift.accept.one")}</li>
      <li>{t("gift.accept.two")}</li>
      <li>{t("gift.accept.three")}</li>
    </ol>
  );
}

function Numbers({ gift }: { gift: Gift }): JSX.Element {
  return (
    <ul class="numbers">
      {gift.items.map((item) => (
        <li key={item.address}>
          <a href={href.item(item.address)}>
            <EditionNumber edition={item.edition} of={null} />
          </a>
        </li>
      ))}
    </ul>
  );
}
