import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { library } from "../api/library";
import { asProblem } from "../api/problem";
import type { PlacedTrack, Playlist } from "../api/types";
import { t } from "../i18n";
import { forgetQueries, put } from "../state/query";
import { go, href } from "../state/router";
import { haptic } from "../telegram";
import { explain } from "./parts";
import { PrimaryAction } from "./primary";
import { Sheet } from "./sheet";
import { say } from "./toast";

/** A new playlist, or other words for one that is there. */
export function PlaylistForm({
  playlist,
  placed,
  close,
}: {
  playlist: Playlist | null;
  placed: PlacedTrack[];
  close: () => void;
}): JSX.Element {
  const [title, setTitle] = useState(playlist?.title ?? "");
  const [description, setDescription] = useState(playlist?.description ?? "");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  // One key for this form: pressed twice, or sent twice, it makes one playlist.
  const key = useRef(crypto.randomUUID());
  const save = async () => {
    if (!title.trim()) return setWrong(t("playlist.form.needed"));
    setBusy(true);
    setWrong("");
    try {
      if (playlist) await rename(playlist, title, description);
      else await create(title, description, key.current, placed);
      haptic.success();
      close();
    } catch (error) {
      setWrong(explain(asProblem(error)));
      setBusy(false);
    }
  };
  return (
    <Sheet title={t(playlist ? "playlist.rename" : "playlist.new")} close={close} acts>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="field">
          <label for="playlist-title">{t("playlist.form.title")}</label>
          <input
            class="input"
            id="playlist-title"
            value={title}
            maxLength={100}
            autoComplete="off"
            aria-invalid={wrong !== ""}
            aria-describedby="playlist-wrong"
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for="playlist-description">{t("playlist.form.description")}</label>
          <textarea
            class="input input-tall"
            id="playlist-description"
            value={description}
            maxLength={500}
            rows={3}
            placeholder={t("playlist.form.hint")}
            onInput={(event) => setDescription(event.currentTarget.value)}
          />
        </div>
        <p class={wrong ? "notice notice-bad" : "visually-hidden"} id="playlist-wrong" role="alert">
          {wrong}
        </p>
        <div class="sheet-action">
          <PrimaryAction
            action={{
              label: t(playlist ? "playlist.form.save" : "playlist.form.create"),
              press: () => void save(),
              busy,
            }}
          />
        </div>
      </form>
    </Sheet>
  );
}

async function rename(playlist: Playlist, title: string, description: string): Promise<void> {
  const changed = await library.change(playlist.id, { title, description });
  put<Playlist>(`playlist:${playlist.id}`, () => changed);
  forgetQueries("playlists");
}

async function create(
  title: string,
  description: string,
  key: string,
  placed: PlacedTrack[],
): Promise<void> {
  const made = await library.create({ title, description }, key);
  if (placed.length > 0) {
    await library.add(
      made.id,
      placed.map((each) => each.track.id),
    );
    say(t("addto.added", { title: made.title }));
  } else {
    put<Playlist>(`playlist:${made.id}`, () => made);
    go(href.playlist(made.id));
  }
  forgetQueries("playlist");
}
