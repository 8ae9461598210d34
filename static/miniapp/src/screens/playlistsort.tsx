import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Playlist, PlaylistEntry } from "../api/types";
import { t } from "../i18n";
import { moveEntry, takeOut } from "../state/playlist";
import { haptic } from "../telegram";
import { Icon } from "../ui/icons";
import { IconButton } from "../ui/parts";
import { TrackLine } from "../ui/placed";
import { type Change, Changed, Grip, useOrder } from "../ui/sorting";

/** The list while its order is changed: by hand, by keys; taken out, and put back. */
export function Sorting({
  of,
  playlist,
  done,
}: {
  of: string;
  playlist: Playlist;
  done: () => void;
}): JSX.Element {
  const [change, setChange] = useState<Change | null>(null);
  const list = playlist.entries;
  const move = (entry: PlaylistEntry, to: number) => {
    const place = Math.min(Math.max(0, to), list.length - 1);
    moveEntry(of, playlist, entry.id, place);
    const title = entry.track.title;
    setChange({ text: t("playlist.moved", { title, place: place + 1, total: list.length }) });
  };
  const order = useOrder(
    list.length,
    (id, to) => {
      const entry = list.find((each) => each.id === id);
      if (entry) move(entry, to);
    },
    { page: true },
  );
  const out = (entry: PlaylistEntry) => {
    const undo = takeOut(of, playlist, entry);
    haptic.select();
    setChange({ text: t("playlist.removed", { title: entry.track.title }), undo });
  };
  return (
    <>
      <div class="song-head">
        <Changed change={change} undo={t("playlist.undo")} close={() => setChange(null)} />
        <button type="button" class="button button-small" onClick={done}>
          <Icon name="check" size={16} />
          {t("playlist.edit.done")}
        </button>
      </div>
      <ol class="songs" ref={order.rows}>
        {list.map((entry, at) => (
          <li key={entry.id} {...order.row(entry.id, at)}>
            <TrackLine placed={entry} list={list}>
              <IconButton
                icon="minus"
                size={20}
                label={t("playlist.take", { title: entry.track.title })}
                press={() => out(entry)}
                kind="song-out"
              />
              <Grip
                label={t("playlist.move", { title: entry.track.title })}
                take={(event) => order.take(event, entry.id, at)}
                step={(by) => move(entry, at + by)}
              />
            </TrackLine>
          </li>
        ))}
      </ol>
    </>
  );
}
