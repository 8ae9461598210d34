import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Artist } from "../api/types";
import { t } from "../i18n";
import { watchSeconds } from "../state/clock";
import { useQuery } from "../state/query";
import { ReleaseLine, TrackEntries } from "../ui/cards";
import { Icon } from "../ui/icons";
import { useLight } from "../ui/light";
import { FollowButton } from "../ui/like";
import { Failure, Invitation, Skeleton, Verified } from "../ui/parts";
import { ShareButton } from "../ui/share";
import { Block, Shelf } from "../ui/shelves";
import { LeadersBlock } from "./leadersblock";

export function ArtistScreen({ of: slug }: { of: string }): JSX.Element {
  const { data: artist, problem, retry } = useQuery(`artist:${slug}`, () => api.artist(slug));
  useLight(artist?.drops[0]?.release.colours);
  useEffect(() => watchSeconds(), []);
  if (!artist) {
    if (problem) return <Failure problem={problem} retry={retry} />;
    return <Skeleton shapes={["round", "title", "line", "pair"]} />;
  }
  return (
    <>
      <header class="artist-head">
        <Portrait artist={artist} />
        <div>
          <h1 class="title">
            {artist.name}
            {artist.verified && <Verified />}
          </h1>
          <Crowd artist={artist} />
          <div class="head-acts">
            <FollowButton artist={artist} />
            <ShareButton what="artist" id={artist.id} words={artist.name} />
          </div>
          {artist.bio && <p class="prose">{artist.bio}</p>}
          <Links artist={artist} />
        </div>
      </header>
      <TopTracks artist={artist} />
      {artist.drops.length > 0 && <Shelf title={t("artist.drops")} drops={artist.drops} />}
      <Releases artist={artist} />
      {artist.drops.length + artist.releases.length === 0 && (
        <Invitation title={artist.name} text={t("artist.empty")} />
      )}
      {artist.drops.length > 0 && <LeadersBlock of={{ artist: slug }} />}
    </>
  );
}

/** "1,204 followers · 57 collectors", where there are any. */
function Crowd({ artist }: { artist: Artist }): JSX.Element | null {
  const { followers, collectors } = artist;
  const words = [
    followers > 0 && t("artist.followers", { count: followers }),
    collectors > 0 && t("artist.collectors", { count: collectors }),
  ].filter(Boolean);
  return words.length > 0 ? <p class="crowd">{words.join(" · ")}</p> : null;
}

function TopTracks({ artist }: { artist: Artist }): JSX.Element | null {
  const tracks = artist.top_tracks;
  if (tracks.length === 0) return null;
  return (
    <Block title={t("artist.top")}>
      <TrackEntries tracks={tracks} />
    </Block>
  );
}

/** Those without a drop: the others stand above, with how many are left. */
function Releases({ artist }: { artist: Artist }): JSX.Element | null {
  const unsold = artist.releases.filter((release) => !release.drop);
  if (unsold.length === 0) return null;
  return (
    <Block title={t("artist.releases")}>
      <ul class="entries entries-two">
        {unsold.map((release) => (
          <li key={release.id}>
            <ReleaseLine release={release} />
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Portrait({ artist }: { artist: Artist }): JSX.Element {
  const picture = artist.picture_url ?? artist.drops[0]?.release.cover.url;
  if (!picture) return <span class="portrait portrait-letter">{artist.name.slice(0, 1)}</span>;
  return <img class="portrait" src={picture} alt="" width={112} height={112} />;
}

function Links({ artist }: { artist: Artist }): JSX.Element | null {
  const safe = artist.links.filter((link) => /^https?:\/\//.test(link.url));
  if (safe.length === 0) return null;
  return (
    <ul class="links" aria-label={t("artist.links")}>
      {safe.map((link) => (
        <li key={link.url}>
          <a class="chip" href={link.url} target="_blank" rel="noopener noreferrer">
            {link.label}
            <Icon name="out" size={16} />
          </a>
        </li>
      ))}
    </ul>
  );
}
