import { call } from "./http";
import { cursorOf } from "./index";
import type {
  Added,
  Changed,
  Edit,
  Followed,
  FollowedArtist,
  Invitation,
  Invited,
  Liked,
  LikedTrack,
  Marks,
  Member,
  OwnPlaylist,
  Page,
  Playlist,
  PlaylistChange,
  PlaylistInput,
  PlaylistRole,
} from "./types";

const id = encodeURIComponent;
const at = (playlist: string, rest = "") => `/playlists/${id(playlist)}${rest}`;

/** What the caller likes, follows and has put in order. */
export const library = {
  marks: (tracks: string[], artists: string[]) =>
    call<Marks>(`/me/marks?tracks=${tracks.join(",")}&artists=${artists.join(",")}`),
  like: (track: string, liked: boolean) =>
    call<Liked>(`/tracks/${id(track)}/like`, { method: liked ? "PUT" : "DELETE" }),
  follow: (slug: string, followed: boolean) =>
    call<Followed>(`/artists/${id(slug)}/follow`, { method: followed ? "PUT" : "DELETE" }),
  likes: (next?: string | null) => call<Page<LikedTrack>>(`/me/likes?limit=50&${cursorOf(next)}`),
  follows: (next?: string | null) =>
    call<Page<FollowedArtist>>(`/me/follows?limit=50&${cursorOf(next)}`),

  /** `track`: each then says whether it holds that one. */
  playlists: (next?: string | null, track?: string) =>
    call<Page<OwnPlaylist>>(
      `/playlists?limit=100${track ? `&track=${id(track)}` : ""}&${cursorOf(next)}`,
    ),
  /** By its id, or by the key of its link. */
  playlist: (key: string) => call<Playlist>(at(key)),
  create: (body: PlaylistInput, idempotencyKey: string) =>
    call<Playlist>("/playlists", { method: "POST", body, idempotencyKey }),
  change: (playlist: string, body: PlaylistChange) =>
    call<Playlist>(at(playlist), { method: "PATCH", body }),
  remove: (playlist: string) => call<void>(at(playlist), { method: "DELETE" }),
  relink: (playlist: string) => call<Playlist>(at(playlist, "/link"), { method: "POST" }),

  /** `after`: the entry before them, null: first, undefined: last. */
  add: (playlist: string, tracks: string[], after?: string | null) =>
    call<Added>(at(playlist, "/entries"), {
      method: "POST",
      body: after === undefined ? { tracks } : { tracks, after },
    }),
  move: (playlist: string, entry: string, after: string | null) =>
    call<Changed>(at(playlist, `/entries/${id(entry)}`), { method: "PATCH", body: { after } }),
  takeOut: (playlist: string, entry: string) =>
    call<Changed>(at(playlist, `/entries/${id(entry)}`), { method: "DELETE" }),

  members: (playlist: string) => call<{ results: Member[] }>(at(playlist, "/members")),
  memberRole: (playlist: string, member: string, role: PlaylistRole) =>
    call<{ results: Member[] }>(at(playlist, `/members/${id(member)}`), {
      method: "PATCH",
      body: { role },
    }),
  memberRemove: (playlist: string, member: string) =>
    call<void>(at(playlist, `/members/${id(member)}`), { method: "DELETE" }),
  log: (playlist: string, next?: string | null) =>
    call<Page<Edit>>(at(playlist, `/log?limit=50&${cursorOf(next)}`)),

  invitation: (playlist: string) => call<Invitation>(at(playlist, "/invitation")),
  invite: (playlist: string, role: PlaylistRole) =>
    call<Invitation>(at(playlist, "/invitation"), { method: "PUT", body: { role } }),
  uninvite: (playlist: string) => call<void>(at(playlist, "/invitation"), { method: "DELETE" }),
  invited: (token: string) => call<Invited>(`/playlist-invitations/${id(token)}`),
  join: (token: string) =>
    call<Playlist>(`/playlist-invitations/${id(token)}`, { method: "POST", body: {} }),
};
