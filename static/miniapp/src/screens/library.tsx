import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { library } from "../api/library";
import { signedIn } from "../api/session";
import type { FollowedArtist, LikedTrack, OwnPlaylist, Page } from "../api/types";
import { type Key, t } from "../i18n";
import { markOf, note } from "../state/marks";
import { playList } from "../state/player";
import { put, type Query, useQuery } from "../state/query";
import { go, href } from "../state/router";
import { appLink } from "../telegram";
import { askPlaylist } from "../ui/ask";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { FollowButton } from "../ui/like";
import { Mosaic } from "../ui/mosaic";
import { Failure, Invitation, Skeleton, Verified } from "../ui/parts";
import { playable, TrackLine } from "../ui/placed";
import { PrimaryAction } from "../ui/primary";
import { Collection } from "./collection";

const SEGMENTS = ["collected", "playlists", "liked", "following"] as const;
type Segment = (typeof SEGMENTS)[number];

/** Which of them was looked at last: whoever comes back finds it so. */
const segment = signal<Segment>("collected");

export function Library(): JSX.Element {
  useLight(null);
  useEffect(() => {
    if (location.pathname.endsWith("/collection")) segment.value = "collected";
  }, []);
  const at = segment.value;
  return (
    <>
      <header class="library-head">
        <h1 class="title">{t("library.title")}</h1>
        <Segments at={at} />
      </header>
      {at === "collected" && <Collection />}
      {at === "playlists" && <ForSomebody>{() => <Playlists />}</ForSomebody>}
      {at === "liked" && <ForSomebody>{() => <Liked />}</ForSomebody>}
      {at === "following" && <ForSomebody>{() => <Following />}</ForSomebody>}
    </>
  );
}

function Segments({ at }: { at: Segment }): JSX.Element {
  return (
    <fieldset class="segments library-segments">
      <legend class="visually-hidden">{t("library.show")}</legend>
      {SEGMENTS.map((name) => (
        <label key={name} class="segment">
          <input
            type="radio"
            name="library"
            checked={at === name}
            onChange={() => {
              segment.value = name;
            }}
          />
          <span>{t(`library.${name}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ForSomebody({ children }: { children: () => ComponentChildren }): JSX.Element {
  if (signedIn.value !== "guest") return <>{children()}</>;
  const link = appLink();
  return (
    <Invitation title={t("library.guest.title")} text={t("library.guest.text")} alone>
      {link ? (
        <a class="primary" href={link}>
          {t("profile.open")}
        </a>
      ) : (
        <FindMusic />
      )}
    </Invitation>
  );
}

function FindMusic(): JSX.Element {
  return (
    <a class="button" href={href.home()}>
      {t("library.find")}
    </a>
  );
}

/** What a list shows while it comes, when it fails, when it is empty; null: it has rows. */
function before<T>(
  query: Query<Page<T>> & { retry: () => Promise<void> },
  shapes: string[],
  empty: { title: Key; text: Key },
): JSX.Element | null {
  if (!query.data) {
    if (query.problem) return <Failure problem={query.problem} retry={() => void query.retry()} />;
    return <Skeleton shapes={shapes} />;
  }
  if (query.data.results.length > 0) return null;
  return (
    <Invitation title={t(empty.title)} text={t(empty.text)}>
      <FindMusic />
    </Invitation>
  );
}

function More<T>({
  of,
  page,
  load,
}: {
  of: string;
  page: Page<T>;
  load: (next: string) => Promise<Page<T>>;
}): JSX.Element | null {
  if (!page.next) return null;
  const more = async () => {
    const found = await load(page.next ?? "").catch(() => null);
    if (!found) return;
    put<Page<T>>(of, (known) => ({
      ...found,
      results: [...(known?.results ?? []), ...found.results],
    }));
  };
  return (
    <button type="button" class="button more" onClick={() => void more()}>
      {t("common.more")}
    </button>
  );
}

function Playlists(): JSX.Element | null {
  const query = useQuery("playlists", () => library.playlists());
  const make = () => askPlaylist(null);
  const shown = query.data?.results.toSorted((a, b) => b.changed_at.localeCompare(a.changed_at));
  if (!shown) return before(query, ["row", "row", "row", "row"], EMPTY);
  if (shown.length === 0) {
    return (
      <Invitation title={t(EMPTY.title)} text={t(EMPTY.text)}>
        <PrimaryAction action={{ label: t("playlist.new"), press: make }} />
      </Invitation>
    );
  }
  return (
    <div class="narrow">
      <ul class="list">
        <li>
          <button type="button" class="list-row list-row-act" onClick={make}>
            <span class="thumb thumb-new thumb-wide">
              <Icon name="plus" />
            </span>
            {t("playlist.new")}
          </button>
        </li>
        {shown.map((playlist) => (
          <li key={playlist.id}>
            <Row playlist={playlist} />
          </li>
        ))}
      </ul>
      {query.data && <More of="playlists" page={query.data} load={library.playlists} />}
    </div>
  );
}

const EMPTY = { title: "library.playlists.empty.title", text: "library.playlists.empty" } as const;

function Row({ playlist }: { playlist: OwnPlaylist }): JSX.Element {
  const facts = [
    t("playlist.tracks", { count: playlist.tracks }),
    playlist.role !== "owner" && playlist.owner && t("playlist.by", { name: playlist.owner }),
    playlist.visibility !== "private" && t(`visibility.${playlist.visibility}.short`),
  ];
  return (
    <a class="list-row list-row-tall" href={href.playlist(playlist.id)}>
      <span class="thumb thumb-wide">
        <Mosaic covers={playlist.covers} sizes="64px" name={playlist.id} />
      </span>
      <span class="list-main">
        <b>{playlist.title}</b>
        <small class="soft">{facts.filter(Boolean).join(" · ")}</small>
      </span>
      <Icon name="chevron" size={20} />
    </a>
  );
}

function Liked(): JSX.Element | null {
  const query = useQuery("likes", () => library.likes());
  const rows = query.data?.results ?? [];
  useEffect(() => {
    for (const { track } of rows) note("tracks", track.id, true);
  }, [query.data]);
  // Whoever takes a heart back here sees it go at once, and may press again.
  const still = (row: LikedTrack) => markOf("tracks", row.track.id).value !== false;
  const empty = { title: "library.liked.empty.title", text: "library.liked.empty" } as const;
  const instead = before(query, ["row", "row", "row", "row", "row"], empty);
  if (instead || !query.data) return instead;
  const heard = playable(rows.filter(still));
  return (
    <div class="narrow">
      <div class="song-head">
        <p class="soft">
          {t("playlist.tracks", { count: rows.length })}
          {query.data.next && "+"}
        </p>
        <button
          type="button"
          class="button button-small"
          disabled={heard.length === 0}
          onClick={() => playList(heard, 0)}
        >
          <Icon name="play" size={18} />
          {t("playlist.play")}
        </button>
      </div>
      <ul class="songs">
        {rows.map((row) => (
          <li key={row.track.id} class={still(row) ? "" : "song-off"}>
            <TrackLine placed={row} list={rows} />
          </li>
        ))}
      </ul>
      <More of="likes" page={query.data} load={library.likes} />
    </div>
  );
}

function Following(): JSX.Element | null {
  const query = useQuery("follows", () => library.follows());
  const rows = query.data?.results ?? [];
  useEffect(() => {
    for (const artist of rows) note("artists", artist.id, true);
  }, [query.data]);
  const empty = {
    title: "library.following.empty.title",
    text: "library.following.empty",
  } as const;
  const instead = before(query, ["row", "row", "row", "row"], empty);
  if (instead || !query.data) return instead;
  return (
    <div class="narrow">
      <ul class="list">
        {rows.map((artist) => (
          <li key={artist.id} class="list-row list-row-tall">
            <Followed artist={artist} />
          </li>
        ))}
      </ul>
      <More of="follows" page={query.data} load={library.follows} />
    </div>
  );
}

function Followed({ artist }: { artist: FollowedArtist }): JSX.Element {
  const open = (event: Event) => {
    event.preventDefault();
    go(href.artist(artist.slug));
  };
  return (
    <>
      <a class="follow-who" href={href.artist(artist.slug)} onClick={open}>
        {artist.picture_url ? (
          <img
            class="portrait portrait-line"
            src={artist.picture_url}
            alt=""
            width={48}
            height={48}
            loading="lazy"
          />
        ) : (
          <span class="portrait portrait-line portrait-letter">{artist.name.slice(0, 1)}</span>
        )}
        <b>
          {artist.name}
          {artist.verified && <Verified />}
        </b>
      </a>
      <FollowButton artist={artist} />
    </>
  );
}
