import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { library } from "../api/library";
import { asProblem } from "../api/problem";
import type { Playlist, PlaylistEntry } from "../api/types";
import { t } from "../i18n";
import { playList } from "../state/player";
import { usePlaylist } from "../state/playlist";
import { forgetQueries, put } from "../state/query";
import { go, href } from "../state/router";
import { shuffled, toggleShuffle } from "../state/upnext";
import { haptic } from "../telegram";
import { askPlaylist, type Choice } from "../ui/ask";
import { Choices } from "../ui/choices";
import { Icon, type IconName } from "../ui/icons";
import { useLight } from "../ui/light";
import { Mosaic } from "../ui/mosaic";
import { explain, Failure, IconButton, Invitation, Skeleton } from "../ui/parts";
import { playable, TrackLine } from "../ui/placed";
import { ShareButton } from "../ui/share";
import { Sheet } from "../ui/sheet";
import { say } from "../ui/toast";
import { LogSheet, PeopleSheet } from "./playlistpeople";
import { Sorting } from "./playlistsort";

type Open = "people" | "log" | "more" | null;

export function PlaylistScreen({ of: key }: { of: string }): JSX.Element {
  const { data, problem, retry } = usePlaylist(key);
  const [open, setOpen] = useState<Open>(null);
  const [sorting, setSorting] = useState(false);
  useLight(data?.entries.find((each) => each.available)?.release.colours);
  if (!data || (problem && problem.status === 404)) {
    if (problem) return <Failure problem={problem} retry={() => void retry()} />;
    return <Skeleton shapes={["cover-small", "title", "line-short", "row", "row", "row"]} />;
  }
  const edits = data.role === "owner" || data.role === "editor";
  const close = () => setOpen(null);
  return (
    <article class="playlist">
      <Head playlist={data} of={key} open={setOpen} />
      <div class="playlist-body">
        {data.entries.length === 0 ? (
          <Empty edits={edits} />
        ) : sorting && edits ? (
          <Sorting of={key} playlist={data} done={() => setSorting(false)} />
        ) : (
          <Entries of={key} playlist={data} edits={edits} sort={() => setSorting(true)} />
        )}
      </div>
      {open === "people" && <PeopleSheet of={key} playlist={data} close={close} />}
      {open === "log" && <LogSheet playlist={data} close={close} />}
      {open === "more" && <MoreSheet of={key} playlist={data} edits={edits} open={setOpen} />}
    </article>
  );
}

const ICONS: Record<Playlist["visibility"], IconName> = {
  private: "lock",
  unlisted: "link",
  public: "globe",
};

function long(ms: number): string {
  const whole = Math.round(ms / 60_000);
  const minutes = Math.max(1, whole);
  if (minutes < 60) return t("playlist.minutes", { minutes });
  return t("playlist.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function Head({
  playlist,
  of,
  open,
}: {
  playlist: Playlist;
  of: string;
  open: (what: Open) => void;
}): JSX.Element {
  const heard = playable(playlist.entries);
  const mix = () => {
    if (!shuffled.peek()) toggleShuffle();
    playList(heard, Math.floor(Math.random() * heard.length));
  };
  const straight = () => {
    if (shuffled.peek()) toggleShuffle();
    playList(heard, 0);
  };
  const facts = [
    t("playlist.tracks", { count: playlist.tracks }),
    playlist.duration_ms > 0 && long(playlist.duration_ms),
    playlist.members > 1 && t("playlist.together", { count: playlist.members }),
  ];
  return (
    <header class="playlist-head">
      <Mosaic covers={playlist.covers} sizes="(min-width: 760px) 280px, 60vw" name={of} />
      <div class="playlist-words">
        <h1 class="title">{playlist.title}</h1>
        {playlist.description && <p class="prose playlist-about">{playlist.description}</p>}
        <p class="soft small playlist-facts">
          <Icon name={ICONS[playlist.visibility]} size={14} />
          <span>
            {[
              t(`visibility.${playlist.visibility}.short`),
              playlist.role !== "owner" &&
                playlist.owner &&
                t("playlist.by", { name: playlist.owner }),
              ...facts,
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </p>
        <div class="playlist-acts">
          <button
            type="button"
            class="primary playlist-play"
            disabled={heard.length === 0}
            onClick={straight}
          >
            <Icon name="play" size={20} />
            {t("playlist.play")}
          </button>
          <button
            type="button"
            class="icon-button icon-button-tint"
            aria-label={t("playlist.shuffle")}
            title={t("playlist.shuffle")}
            disabled={heard.length === 0}
            onClick={mix}
          >
            <Icon name="shuffle" size={22} />
          </button>
          {playlist.visibility !== "private" && (
            <ShareButton what="playlist" id={playlist.id} words={playlist.title} />
          )}
          {playlist.role && (
            <>
              <IconButton
                icon="people"
                size={22}
                label={t("playlist.share")}
                press={() => open("people")}
                kind="icon-button-tint"
              />
              <IconButton
                icon="more"
                size={22}
                label={t("playlist.more")}
                press={() => open("more")}
                kind="icon-button-tint"
              />
            </>
          )}
        </div>
      </div>
    </header>
  );
}

function Empty({ edits }: { edits: boolean }): JSX.Element {
  return (
    <Invitation
      title={t("playlist.empty.title")}
      text={t(edits ? "playlist.empty" : "playlist.empty.viewer")}
    >
      <a class="button" href={href.home()}>
        {t("library.find")}
      </a>
    </Invitation>
  );
}

function Entries({
  of,
  playlist,
  edits,
  sort,
}: {
  of: string;
  playlist: Playlist;
  edits: boolean;
  sort: () => void;
}): JSX.Element {
  const shared = playlist.members > 1;
  const more = (entry: PlaylistEntry): Choice[] =>
    edits && entry.available
      ? [{ label: t("playlist.cover"), press: () => void setCover(of, playlist, entry.id) }]
      : [];
  return (
    <>
      {edits && (
        <div class="song-head">
          <span />
          <button type="button" class="button button-small" onClick={sort}>
            <Icon name="edit" size={16} />
            {t("playlist.edit")}
          </button>
        </div>
      )}
      <ol class="songs">
        {playlist.entries.map((entry) => (
          <li key={entry.id}>
            <TrackLine
              placed={entry}
              list={playlist.entries}
              note={
                shared && entry.added_by ? t("playlist.added.by", { name: entry.added_by }) : ""
              }
              more={more(entry)}
            />
          </li>
        ))}
      </ol>
    </>
  );
}

async function setCover(of: string, playlist: Playlist, entry: string | null): Promise<void> {
  try {
    const changed = await library.change(playlist.id, { cover: entry });
    put<Playlist>(`playlist:${of}`, () => changed);
    forgetQueries("playlists");
    haptic.success();
    say(t("playlist.cover.set"));
  } catch (error) {
    say(explain(asProblem(error)));
  }
}

/** What else may be done with the whole of it, by who may. */
function MoreSheet({
  of,
  playlist,
  edits,
  open,
}: {
  of: string;
  playlist: Playlist;
  edits: boolean;
  open: (what: Open) => void;
}): JSX.Element {
  const rows: Choice[] = [{ label: t("playlist.log"), press: () => open("log") }];
  if (edits) {
    rows.unshift({ label: t("playlist.rename"), press: () => askPlaylist(playlist) });
    if (playlist.cover_chosen) {
      const press = () => void setCover(of, playlist, null);
      rows.push({ label: t("playlist.cover.mosaic"), press });
    }
  }
  if (playlist.role === "owner") {
    rows.push({ label: t("playlist.delete"), press: () => void remove(playlist), bad: true });
  }
  return (
    <Sheet title={playlist.title} close={() => open(null)}>
      <Choices rows={rows} close={() => open(null)} />
    </Sheet>
  );
}

async function remove(playlist: Playlist): Promise<void> {
  if (!confirm(t("playlist.delete.sure", { title: playlist.title }))) return;
  try {
    await library.remove(playlist.id);
    forgetQueries("playlists");
    say(t("playlist.deleted"));
    go(href.library(), true);
  } catch (error) {
    say(explain(asProblem(error)));
  }
}
