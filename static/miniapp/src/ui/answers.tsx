import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { library } from "../api/library";
import { asProblem } from "../api/problem";
import type { OwnPlaylist, Page, PlacedTrack } from "../api/types";
import { t } from "../i18n";
import { queueLast, queueNext } from "../state/player";
import { forgetQueries, put, useQuery } from "../state/query";
import { go, href } from "../state/router";
import { appLink, haptic } from "../telegram";
import { addToPlaylist, askPlaylist, type Choice, type Question, question } from "./ask";
import { Choices } from "./choices";
import { Icon } from "./icons";
import { Mosaic } from "./mosaic";
import { explain, Failure, Skeleton } from "./parts";
import { playable } from "./placed";
import { PlaylistForm } from "./playlistform";
import { Sheet } from "./sheet";
import { say } from "./toast";

const close = () => {
  question.value = null;
};

export function Answer({ asked }: { asked: Question }): JSX.Element {
  if (asked.kind === "signin") return <SignIn />;
  if (asked.kind === "track") return <TrackMenu placed={asked.placed} more={asked.more} />;
  if (asked.kind === "add") return <AddTo placed={asked.placed} />;
  return <PlaylistForm playlist={asked.playlist} placed={asked.placed} close={close} />;
}

function SignIn(): JSX.Element {
  const link = appLink();
  return (
    <Sheet title={t("signin.title")} close={close}>
      <p class="prose">{t("signin.text")}</p>
      {link && (
        <a class="primary sheet-action" href={link}>
          {t("profile.open")}
        </a>
      )}
    </Sheet>
  );
}

function TrackMenu({ placed, more }: { placed: PlacedTrack; more: Choice[] }): JSX.Element {
  const { track, release, available } = placed;
  const queued = (put: typeof queueNext) => () => {
    put(...playable([placed]));
    haptic.success();
    say(t("track.queued"));
  };
  const heard = available && Boolean(track.preview_url);
  const rows: Choice[] = [
    ...(heard ? [{ label: t("track.next"), press: queued(queueNext) }] : []),
    ...(heard ? [{ label: t("track.last"), press: queued(queueLast) }] : []),
    ...(available ? [{ label: t("track.add"), press: () => addToPlaylist(placed) }] : []),
    ...(available ? [{ label: t("track.release"), press: () => go(href.drop(release.id)) }] : []),
    { label: t("track.artist"), press: () => go(href.artist(release.artist.slug)) },
    ...more,
  ];
  return (
    <Sheet title={track.title} close={close}>
      <Choices rows={rows} close={close} />
    </Sheet>
  );
}

function AddTo({ placed }: { placed: PlacedTrack[] }): JSX.Element {
  const only = placed.length === 1 ? placed[0]?.track.id : undefined;
  const key = `playlists for ${only ?? "several"}`;
  const query = useQuery(key, () => library.playlists(null, only));
  const mine = query.data?.results.filter((each) => each.role !== "viewer");
  return (
    <Sheet title={t("addto.title")} close={close}>
      <ul class="list">
        <li>
          <button
            type="button"
            class="list-row list-row-act"
            onClick={() => askPlaylist(null, ...placed)}
          >
            <span class="thumb thumb-new">
              <Icon name="plus" size={22} />
            </span>
            {t("addto.new")}
          </button>
        </li>
        {mine?.map((each) => (
          <li key={each.id}>
            <Target playlist={each} placed={placed} listed={key} />
          </li>
        ))}
      </ul>
      {!query.data &&
        (query.problem ? (
          <Failure problem={query.problem} retry={() => void query.retry()} />
        ) : (
          <Skeleton shapes={["row", "row", "row"]} />
        ))}
    </Sheet>
  );
}

/** One of one's playlists: a tick for what lies in it, pressed again it is taken out. */
function Target({
  playlist,
  placed,
  listed,
}: {
  playlist: OwnPlaylist;
  placed: PlacedTrack[];
  listed: string;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const { title, holds } = playlist;
  const show = (on: boolean) =>
    put<Page<OwnPlaylist>>(listed, (page) =>
      page
        ? {
            ...page,
            results: page.results.map((each) =>
              each.id === playlist.id
                ? { ...each, holds: on, tracks: each.tracks + (on ? placed.length : -1) }
                : each,
            ),
          }
        : null,
    );
  const press = async () => {
    setBusy(true);
    show(!holds);
    haptic.tap();
    try {
      if (holds) await takeOutOf(playlist.id, placed);
      else
        await library.add(
          playlist.id,
          placed.map((each) => each.track.id),
        );
      forgetQueries("playlist");
      say(t(holds ? "addto.removed" : "addto.added", { title }));
    } catch (error) {
      show(holds);
      haptic.error();
      say(explain(asProblem(error)));
    }
    setBusy(false);
  };
  return (
    <button
      type="button"
      class="list-row"
      disabled={busy}
      aria-pressed={holds}
      aria-label={t(holds ? "addto.on" : "addto.off", { title })}
      onClick={() => void press()}
    >
      <span class="thumb">
        <Mosaic covers={playlist.covers} sizes="48px" />
      </span>
      <span class="list-main">
        <b>{title}</b>
        <small class="soft">{t("playlist.tracks", { count: playlist.tracks })}</small>
      </span>
      <span class={`tick ${holds ? "tick-on" : ""}`}>
        <Icon name={holds ? "check" : "plus"} size={18} />
      </span>
    </button>
  );
}

async function takeOutOf(id: string, placed: PlacedTrack[]): Promise<void> {
  const { entries } = await library.playlist(id);
  for (const each of entries) {
    if (placed.some((one) => one.track.id === each.track.id)) await library.takeOut(id, each.id);
  }
}
