import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import { subscribe } from "../api/live";
import type { Drop, Genre, Shelves, Supply, TrackCard } from "../api/types";
import { date, t } from "../i18n";
import { watchSeconds } from "../state/clock";
import { price } from "../state/money";
import { put, useQuery } from "../state/query";
import { href } from "../state/router";
import { write } from "../state/search";
import { TrackEntries, TrackTile } from "../ui/cards";
import { Countdown, CountdownLine, liveState, SupplyBar } from "../ui/edition";
import { InTurn } from "../ui/inturn";
import { useLight } from "../ui/light";
import { Artist, Cover, Failure, Invitation, Skeleton } from "../ui/parts";
import { Block, Rail } from "../ui/shelves";

const KEY = "home";
const ON_SALE = href.search("kind=release&sale=1");

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
          const change = (drop: Drop) => (drop.id === id ? { ...drop, state, supply } : drop);
          put<Shelves>(
            KEY,
            (home) =>
              home && {
                ...home,
                fresh: home.fresh.map(change),
                followed: home.followed.map(change),
              },
          );
        }),
      );
    return () => {
      for (const stop of stops) stop();
    };
  }, [shown]);
}

const heroOf = ({ hero, fresh, upcoming, gone }: Shelves): Drop | undefined =>
  [...fresh, ...upcoming, ...gone].find((drop) => drop.id === hero);

export function Home(): JSX.Element {
  const { data, problem, retry } = useQuery(KEY, api.home);
  useLiveSupply(data?.fresh ?? []);
  useEffect(() => watchSeconds(), []);
  const hero = data ? heroOf(data) : undefined;
  useLight(hero?.release.colours);
  if (!data) {
    return problem ? (
      <Failure problem={problem} retry={retry} />
    ) : (
      <Skeleton shapes={["cover", "title", "line", "line-short"]} />
    );
  }
  const rest = (drops: Drop[]) => drops.filter((drop) => drop !== hero);
  const [fresh, upcoming, gone] = [rest(data.fresh), rest(data.upcoming), rest(data.gone)];
  return (
    <>
      <h1 class="visually-hidden">{t("home.name")}</h1>
      {hero ? (
        <Hero drop={hero} again={() => void retry()} />
      ) : (
        <Invitation title={t("home.empty.title")} text={t("home.empty.text")} />
      )}
      <InTurn>
        <Listened tracks={data.listened} />
        {data.followed.length > 0 && <Rail title={t("home.followed")} drops={data.followed} />}
        {fresh.length > 0 && <Rail title={t("home.live")} drops={fresh} all={ON_SALE} />}
        <Upcoming drops={upcoming} />
        <Trending tracks={data.trending} />
        <Genres />
        {gone.length > 0 && <Rail title={t("home.past")} drops={gone} />}
      </InTurn>
    </>
  );
}

function Hero({ drop, again }: { drop: Drop; again: () => void }): JSX.Element {
  const state = liveState(drop);
  return (
    <article class="hero">
      <a class="hero-cover" href={href.drop(drop.id)} tabIndex={-1} aria-hidden="true">
        <Cover release={drop.release} name={drop.id} eager />
      </a>
      <div class="hero-words">
        <p class="eyebrow">
          <span class={`pulse pulse-${state}`} />
          {state === "upcoming" ? t("home.next") : t(`drop.${state}`)}
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
        {state !== "upcoming" && <SupplyBar supply={drop.supply} />}
        {state === "upcoming" && (
          <Countdown label={t("drop.opens")} until={drop.starts_at} onEnd={again} />
        )}
        {state === "live" && drop.ends_at && (
          <Countdown label={t("drop.closes")} until={drop.ends_at} onEnd={again} />
        )}
        <a class="primary primary-hero" href={href.drop(drop.id)}>
          {state === "live" ? t("drop.collect", { price: price(drop.price) }) : t("play.collect")}
        </a>
      </div>
    </article>
  );
}

function Listened({ tracks }: { tracks: TrackCard[] }): JSX.Element | null {
  if (tracks.length === 0) return null;
  return (
    <Block title={t("home.listened")}>
      <ul class="tiles">
        {tracks.map((track) => (
          <li key={track.id}>
            <TrackTile track={track} among={tracks} />
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Trending({ tracks }: { tracks: TrackCard[] }): JSX.Element | null {
  if (tracks.length === 0) return null;
  return (
    <Block title={t("home.trending")}>
      <TrackEntries tracks={tracks} />
    </Block>
  );
}

function Upcoming({ drops }: { drops: Drop[] }): JSX.Element | null {
  if (drops.length === 0) return null;
  return (
    <Block title={t("home.upcoming")}>
      <ul class="list">
        {drops.map((drop) => (
          <UpcomingRow key={drop.id} drop={drop} />
        ))}
      </ul>
    </Block>
  );
}

function Genres(): JSX.Element | null {
  const { data } = useQuery<{ results: Genre[] }>("genres", api.genres);
  const genres = data?.results ?? [];
  if (genres.length === 0) return null;
  return (
    <Block title={t("home.genres")} all={href.search()}>
      <ul class="chips">
        {genres.slice(0, 12).map((genre) => (
          <li key={genre.key}>
            <a class="chip" href={genreLink(genre)}>
              {genre.name}
            </a>
          </li>
        ))}
      </ul>
    </Block>
  );
}

export const genreLink = (genre: Genre) =>
  href.search(write({ q: "", kind: "release", genre: genre.key, sale: false, price: null }));

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
