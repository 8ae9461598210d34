import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../api";
import { subscribe } from "../api/live";
import type { Drop, Page, Supply } from "../api/types";
import { date, t } from "../i18n";
import { watchSeconds } from "../state/clock";
import { lit } from "../state/colours";
import { price } from "../state/money";
import { put, useQuery } from "../state/query";
import { href } from "../state/router";
import { Countdown, CountdownLine, liveState, SupplyBar, supplyWords } from "../ui/edition";
import { useLight } from "../ui/light";
import { Artist, Cover, Failure, Invitation, Skeleton } from "../ui/parts";

const KEY = "drops";

/** Supply of the drops on screen, as it changes. */
function useLiveSupply(drops: Drop[]): void {
  const ids = drops.filter((drop) => drop.state === "live").map((drop) => drop.id);
  const shown = ids.slice(0, 12).join();
  useEffect(() => {
    const stops = shown
      .split(",")
      .filter(Boolean)
      .map((id) =>
        subscribe(`drop:${id}`, (name, data) => {
          if (name !== "drop.supply") return;
          const { state, ...supply } = data as Supply & { state: Drop["state"] };
          put<Page<Drop>>(
            KEY,
            (page) =>
              page && {
                ...page,
                results: page.results.map((drop) =>
                  drop.id === id ? { ...drop, state, supply } : drop,
                ),
              },
          );
        }),
      );
    return () => {
      for (const stop of stops) stop();
    };
  }, [shown]);
}

export function Home(): JSX.Element {
  const { data, problem, retry } = useQuery(KEY, () => api.drops());
  const drops = data?.results ?? [];
  useLiveSupply(drops);
  useEffect(() => watchSeconds(), []);
  const live = drops.filter((drop) => liveState(drop) === "live");
  const hero = live[0] ?? drops[0];
  useLight(hero?.release.colours);
  if (!data) {
    return problem ? (
      <Failure problem={problem} retry={retry} />
    ) : (
      <Skeleton shapes={["cover", "title", "line", "line-short"]} />
    );
  }
  if (!hero) return <Invitation title={t("home.empty.title")} text={t("home.empty.text")} />;
  const rest = drops.filter((drop) => drop !== hero);
  const upcoming = rest.filter((drop) => liveState(drop) === "upcoming");
  const open = rest.filter((drop) => ["live", "paused"].includes(liveState(drop)));
  const gone = rest.filter((drop) => ["sold_out", "ended"].includes(liveState(drop)));
  return (
    <>
      <h1 class="visually-hidden">{t("home.title")}</h1>
      <Hero drop={hero} />
      {open.length > 0 && <Shelf title={t("home.live")} drops={open} />}
      {upcoming.length > 0 && (
        <section class="block">
          <h2 class="subtitle">{t("home.upcoming")}</h2>
          <ul class="list">
            {upcoming.map((drop) => (
              <UpcomingRow key={drop.id} drop={drop} />
            ))}
          </ul>
        </section>
      )}
      {gone.length > 0 && <Shelf title={t("home.past")} drops={gone} />}
      {data.next && <More next={data.next} />}
    </>
  );
}

function More({ next }: { next: string }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    try {
      const page = await api.drops(next);
      put<Page<Drop>>(KEY, (known) => ({
        ...page,
        results: [...(known?.results ?? []), ...page.results],
      }));
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      class="button more"
      disabled={busy}
      onClick={() => load().catch(() => undefined)}
    >
      {t("common.more")}
    </button>
  );
}

function Hero({ drop }: { drop: Drop }): JSX.Element {
  const state = liveState(drop);
  return (
    <article class="hero">
      <a class="hero-cover" href={href.drop(drop.id)} tabIndex={-1} aria-hidden="true">
        <Cover release={drop.release} name={drop.id} eager />
      </a>
      <div class="hero-words">
        <p class="eyebrow">
          <span class={`pulse pulse-${state}`} />
          {t(`drop.${state}`)}
          {drop.release.genre && <span class="soft"> · {drop.release.genre}</span>}
        </p>
        <h2 class="title title-hero">
          <a href={href.drop(drop.id)}>{drop.release.title}</a>
        </h2>
        <p class="by">
          <a href={href.artist(drop.release.artist.slug)}>
            <Artist release={drop.release} />
          </a>
        </p>
        <SupplyBar supply={drop.supply} />
        {state === "upcoming" && <Countdown label={t("drop.opens")} until={drop.starts_at} />}
        {state === "live" && drop.ends_at && (
          <Countdown label={t("drop.closes")} until={drop.ends_at} />
        )}
        <a class="primary primary-hero" href={href.drop(drop.id)}>
          {state === "live" ? t("drop.collect", { price: price(drop.price) }) : t("play.collect")}
        </a>
      </div>
    </article>
  );
}

export function Shelf({ title, drops }: { title: string; drops: Drop[] }): JSX.Element {
  return (
    <section class="block">
      <h2 class="subtitle">{title}</h2>
      <ul class="shelf">
        {drops.map((drop) => (
          <li key={drop.id}>
            <DropCard drop={drop} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function DropCard({ drop }: { drop: Drop }): JSX.Element {
  const state = liveState(drop);
  const over = state === "sold_out" || state === "ended";
  return (
    <a
      class={`card lit ${over ? "card-over" : ""}`}
      href={href.drop(drop.id)}
      style={lit(drop.release.colours)}
    >
      <Cover release={drop.release} name={drop.id} sizes="50vw" />
      <span class="card-words">
        <b class="card-title">{drop.release.title}</b>
        <small class="soft">
          <Artist release={drop.release} />
        </small>
        {!over && <SupplyBar supply={drop.supply} thin />}
        <small class="card-foot">
          <span>
            {over ? t(`drop.${state}`) : state === "paused" ? t("drop.paused") : price(drop.price)}
          </span>
          <span class="soft">
            {over || drop.supply.left === null
              ? drop.supply.total === null
                ? t("drop.open")
                : supplyWords({ ...drop.supply })
              : t("drop.left", { count: drop.supply.left })}
          </span>
        </small>
      </span>
    </a>
  );
}

function UpcomingRow({ drop }: { drop: Drop }): JSX.Element {
  return (
    <li>
      <a class="list-row" href={href.drop(drop.id)}>
        <span class="thumb">
          <Cover release={drop.release} name={drop.id} sizes="50vw" />
        </span>
        <span class="list-main">
          <b>{drop.release.title}</b>
          <small class="soft">
            <Artist release={drop.release} />
          </small>
        </span>
        <span class="list-side">
          <b>
            <CountdownLine until={drop.starts_at} />
          </b>
          <small class="soft">{date(drop.starts_at, true)}</small>
        </span>
      </a>
    </li>
  );
}
