/** One playlist as it stands here: changed at once, told in order, mended by what others did. */
import { useEffect } from "preact/hooks";
import { library } from "../api/library";
import { subscribe } from "../api/live";
import { asProblem } from "../api/problem";
import type { Playlist, PlaylistEntry } from "../api/types";
import { t } from "../i18n";
import { haptic } from "../telegram";
import { explain } from "../ui/parts";
import { say } from "../ui/toast";
import { forgetQueries, put, refresh, useQuery } from "./query";

const keyOf = (key: string) => `playlist:${key}`;

/** Writes of this visit that the server has not answered yet, one after another. */
let line: Promise<unknown> = Promise.resolve();
let waiting = 0;
let stale = false;

/** What is read while a write waits may lack it: then it is read again after the last one. */
async function read(key: string): Promise<Playlist> {
  const told = await library.playlist(key);
  if (waiting > 0) stale = true;
  return told;
}

export const reload = (key: string) => refresh(keyOf(key), () => read(key));

/** The playlist, kept as it is while this screen stands: others' changes come over the socket. */
export function usePlaylist(key: string) {
  const query = useQuery(keyOf(key), () => read(key));
  useEffect(
    () =>
      subscribe(keyOf(key), (_, data) => {
        const { version } = data as { version: number };
        if (waiting > 0) stale = true;
        else if (version > versionOf(key)) void reload(key);
      }),
    [key],
  );
  return query;
}

function versionOf(key: string): number {
  let version = 0;
  put<Playlist>(keyOf(key), (known) => {
    version = known?.version ?? 0;
    return null;
  });
  return version;
}

const edit = (key: string, change: (entries: PlaylistEntry[]) => PlaylistEntry[]) =>
  put<Playlist>(keyOf(key), (known) => {
    if (!known) return null;
    const entries = change(known.entries);
    return { ...known, entries, tracks: entries.length };
  });

/** Sends a change that is shown already. What the server refuses is shown as it really is. */
function send(key: string, act: () => Promise<{ version: number }>): Promise<boolean> {
  waiting += 1;
  const sent = line.then(act).then(
    ({ version }) => {
      // One step on: nobody else has changed it. More: what they did has to be fetched.
      if (version > versionOf(key) + 1) stale = true;
      put<Playlist>(keyOf(key), (known) => known && { ...known, version });
      return true;
    },
    (error: unknown) => {
      const problem = asProblem(error);
      stale = true;
      haptic.error();
      say(problem.code === "entry_not_found" ? t("error.entry_gone") : explain(problem));
      return false;
    },
  );
  line = sent.then(() => {
    waiting -= 1;
    forgetQueries("playlists");
    if (waiting > 0 || !stale) return;
    stale = false;
    return reload(key);
  });
  return sent;
}

/** To `to`, counted from 0, of the list as it is shown now. */
export function moveEntry(key: string, playlist: Playlist, entry: string, to: number): void {
  const from = playlist.entries.findIndex((each) => each.id === entry);
  const row = playlist.entries[from];
  if (!row || to === from) return;
  const rest = playlist.entries.toSpliced(from, 1);
  const after = to > 0 ? (rest[to - 1]?.id ?? null) : null;
  edit(key, () => rest.toSpliced(to, 0, row));
  haptic.select();
  void send(key, () => library.move(playlist.id, entry, after));
}

/** Takes it out; the answer puts it back where it lay. */
export function takeOut(key: string, playlist: Playlist, entry: PlaylistEntry): () => void {
  const at = playlist.entries.findIndex((each) => each.id === entry.id);
  const after = playlist.entries[at - 1]?.id ?? null;
  edit(key, (entries) => entries.filter((each) => each.id !== entry.id));
  void send(key, () => library.takeOut(playlist.id, entry.id));
  return () => {
    edit(key, (entries) => entries.toSpliced(at, 0, entry));
    stale = true; // it comes back with another id
    void send(key, () => library.add(playlist.id, [entry.track.id], after));
  };
}
