import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { subscribe } from "../api/live";
import type { Drop, DropDetail, Shelves, Supply } from "../api/types";
import { date, percent, t } from "../i18n";
import type { Primary } from "../state/actions";
import { noteExactTime, watchSeconds } from "../state/clock";
import { wish } from "../state/collect";
import { nano, price, priceUp, shares } from "../state/money";
import { put, useQuery } from "../state/query";
import { href } from "../state/router";
import { inTelegram } from "../telegram";
import { Countdown, liveState, SupplyBar } from "../ui/edition";
import { InTurn } from "../ui/inturn";
import { useLight } from "../ui/light";
import { Near } from "../ui/near";
import { Artist, CopyLine, Cover, Failure, Skeleton } from "../ui/parts";
import { PrimaryAction } from "../ui/primary";
import { ShareButton } from "../ui/share";
import { BuySheet } from "./buy";
import { LeadersBlock } from "./leadersblock";
import { Resale } from "./resale";
import { Tracks } from "./tracks";

/** From the page before, so that this one stands at once while its details come. */
function known(id: string): void {
  put<Shelves>("home", (home) => {
    const every = home && [...home.fresh, ...home.upcoming, ...home.gone, ...home.followed];
    const found = every?.find((drop) => drop.id === id);
    if (found) {
      put<DropDetail>(`drop:${id}`, (detail) => detail ?? preview(found));
    }
    return null;
  });
}

function preview(drop: Drop): DropDetail {
  const nothing = { asset: drop.price.asset, amount: "0" };
  return {
    ...drop,
    release: { ...drop.release, description: "", tracks: [] },
    server_time: "",
    market: null,
    cost: { quantity: 1, attach: drop.price, network_reserve: nothing },
  };
}

function useLiveDrop(id: string): void {
  useEffect(
    () =>
      subscribe(`drop:${id}`, (name, data) => {
        if (name !== "drop.supply") return;
        const { state, ...supply } = data as Supply & { state: Drop["state"] };
        put<DropDetail>(`drop:${id}`, (drop) => drop && { ...drop, state, supply });
      }),
    [id],
  );
}

export function DropScreen({ of: id }: { of: string }): JSX.Element {
  const { data, problem, retry } = useQuery(`drop:${id}`, () => api.drop(id));
  const [buying, setBuying] = useState(false);
  useLiveDrop(id);
  useEffect(() => {
    known(id);
    return watchSeconds();
  }, [id]);
  useEffect(() => {
    if (data?.server_time) noteExactTime(data.server_time);
  }, [data?.server_time]);
  const wished = wish.value === id;
  useEffect(() => {
    if (!wished || !data?.server_time) return;
    wish.value = null;
    setBuying(true);
  }, [wished, data?.server_time]);
  useLight(data?.release.colours);
  if (!data) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return (
      <Skeleton
        shapes={["cover", "title", "line-short", "bar", "button", "line", "line", "line"]}
      />
    );
  }
  const state = liveState(data);
  // An ordinary browser pays on the web's own pages; inside Telegram they are never linked.
  const collect = () => (inTelegram ? setBuying(true) : location.assign(href.store(id)));
  return (
    <article class="drop">
      <div class="drop-cover">
        <Cover release={data.release} name={id} eager />
      </div>
      <div class="drop-words">
        <Heading drop={data} state={state} />
        <SupplyBar supply={data.supply} />
        {state === "upcoming" && (
          <Countdown label={t("drop.opens")} until={data.starts_at} onEnd={() => void retry()} />
        )}
        {state === "live" && data.ends_at && (
          <Countdown label={t("drop.closes")} until={data.ends_at} onEnd={() => void retry()} />
        )}
        <div class="dock">
          {state === "live" && (
            <p class="small dock-near">
              <Near money={data.price} aged />
            </p>
          )}
          <PrimaryAction action={buying ? null : action(data, state, collect)} />
          {!inTelegram && state === "live" && <p class="soft small">{t("buy.web")}</p>}
        </div>
        {data.server_time ? (
          <Details drop={data} />
        ) : (
          <Skeleton shapes={["line", "line", "line"]} />
        )}
      </div>
      {buying && <BuySheet drop={data} close={() => setBuying(false)} />}
    </article>
  );
}

function action(drop: DropDetail, state: Drop["state"], press: () => void): Primary {
  if (state === "live") return { label: t("drop.collect", { price: price(drop.price) }), press };
  const closed = {
    upcoming: t("drop.collect.opens", { date: date(drop.starts_at, true) }),
    sold_out: t("drop.collect.gone"),
    ended: t("drop.collect.ended"),
    paused: t("drop.collect.paused"),
  };
  return { label: closed[state], press, enabled: false };
}

function Heading({ drop, state }: { drop: DropDetail; state: Drop["state"] }): JSX.Element {
  return (
    <header class="drop-head">
      <p class="eyebrow">
        <span class={`pulse pulse-${state}`} />
        {t(`drop.${state}`)}
        {drop.release.genre && <span class="soft"> · {drop.release.genre}</span>}
      </p>
      <h1 class="title title-drop">{drop.release.title}</h1>
      <p class="by">
        <a href={href.artist(drop.release.artist.slug)}>
          <Artist release={drop.release} />
        </a>
      </p>
      <div class="head-acts">
        <ShareButton
          what="drop"
          id={drop.id}
          words={`${drop.release.title}, ${drop.release.artist.name}`}
        />
      </div>
    </header>
  );
}

function Details({ drop }: { drop: DropDetail }): JSX.Element {
  return (
    <InTurn>
      <Tracks release={drop.release} drop={drop.id} />
      {drop.release.description && (
        <section class="block">
          <h2 class="subtitle">{t("drop.about")}</h2>
          <p class="prose">{drop.release.description}</p>
        </section>
      )}
      <MoneyLine drop={drop} />
      {drop.market && <Resale royalty={drop.royalty_bps} market={drop.market} />}
      <LeadersBlock of={{ drop: drop.id }} />
      <section class="block">
        <h2 class="subtitle">{t("drop.onchain")}</h2>
        <p class="soft small">{t("drop.contract")}</p>
        <CopyLine value={drop.address} />
      </section>
    </InTurn>
  );
}

/** Bandcamp's honesty: who gets what of this very price. */
function MoneyLine({ drop }: { drop: DropDetail }): JSX.Element {
  const split = shares(drop.price, drop.platform_bps);
  const artist = 10_000 - drop.platform_bps;
  return (
    <section class="block">
      <h2 class="subtitle">{t("drop.money")}</h2>
      <div class="split" aria-hidden="true">
        <i class="split-artist" style={{ "--share": String(artist) }} />
        <i class="split-platform" style={{ "--share": String(drop.platform_bps) }} />
      </div>
      <dl class="split-words">
        <div>
          <dt>
            <i class="dot dot-artist" />
            {t("drop.money.artist")}
          </dt>
          <dd>
            {price(split.artist)} <span class="soft">{percent(artist)}</span>
          </dd>
        </div>
        <div>
          <dt>
            <i class="dot dot-platform" />
            {t("drop.money.platform")}
          </dt>
          <dd>
            {price(split.platform)} <span class="soft">{percent(drop.platform_bps)}</span>
          </dd>
        </div>
      </dl>
      <p class="soft small">
        {t("drop.money.note", { reserve: priceUp(nano(drop.cost.network_reserve)) })}{" "}
        {drop.royalty_bps > 0
          ? t("drop.money.royalty", { percent: percent(drop.royalty_bps) })
          : t("drop.royalty.none")}
      </p>
    </section>
  );
}
