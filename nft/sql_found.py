"""The statements behind search, home and the pages of tracks and releases: constants."""

# ruff: noqa: S608  these are put together from constants alone

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nft.sql import ON_SALE, RELEASE, SUPPLY, TOP

# What the public may see of music, whether it is for sale or not.
SHOWN: Final = "r.state = 'published' AND a.status = 'active'"
_MUSIC: Final = """
    JOIN catalog_artist a ON a.id = r.artist_id
    JOIN media_asset cover ON cover.id = r.cover_id"""
_OFFER: Final = f"c.id, c.price, c.starts_at, c.ends_at, c.paused, {SUPPLY}"
_OFFERED: Final = f"LEFT JOIN nft_collection c ON c.release_id = r.id AND c.state = 'live' {TOP}"

TRACK_CARDS: Final = f"""
    SELECT t.id, t.title, t.position, rec.duration_ms, p.cid, rec.waveform,
        rec.access, coalesce(n.plays, 0), {RELEASE}, {_OFFER}
    FROM catalog_track t JOIN media_recording rec ON rec.id = t.recording_id
    LEFT JOIN media_asset p ON p.id = rec.preview_id
    LEFT JOIN catalog_playcount n ON n.track_id = t.id
    JOIN catalog_release r ON r.id = t.release_id {_MUSIC} {_OFFERED}
    WHERE {SHOWN}"""
TRACKS_NAMED: Final = f"{TRACK_CARDS} AND t.id = ANY(%(keys)s)"
RELEASE_CARDS: Final = f"""
    SELECT {RELEASE}, {_OFFER}, r.description
    FROM catalog_release r {_MUSIC} {_OFFERED} WHERE {SHOWN}"""
RELEASES_NAMED: Final = f"{RELEASE_CARDS} AND r.id = ANY(%(keys)s)"
RELEASES_OF: Final = f"""
    {RELEASE_CARDS} AND a.id = %(artist)s
    ORDER BY r.published_at DESC, r.id DESC LIMIT %(limit)s"""
ARTISTS_NAMED: Final = """
    SELECT a.id, a.slug, a.name, a.verified_at IS NOT NULL, picture.cid
    FROM catalog_artist a LEFT JOIN media_asset picture ON picture.id = a.picture_id
    WHERE a.status = 'active' AND a.id = ANY(%(keys)s)"""
PLAYLISTS_NAMED: Final = """
    SELECT p.id, p.title,
        (SELECT count(*) FROM catalog_playlistentry e WHERE e.playlist_id = p.id), own.cid,
        ARRAY(SELECT cover.cid FROM catalog_playlistentry e
            JOIN catalog_track t ON t.id = e.track_id JOIN catalog_release r ON r.id = t.release_id
            JOIN catalog_artist a ON a.id = r.artist_id
            JOIN media_asset cover ON cover.id = r.cover_id
            WHERE e.playlist_id = p.id AND r.state = 'published' AND a.status = 'active'
            ORDER BY e.rank LIMIT 4)
    FROM catalog_playlist p LEFT JOIN media_asset own ON own.id = p.cover_id
    WHERE p.visibility = 'public' AND p.deleted_at IS NULL AND p.id = ANY(%(keys)s)"""

# --- the index ----------------------------------------------------------------------------------
_ENTRY: Final = "FROM catalog_searchentry e WHERE true"
# What one word of one or two letters begins is too much to look at: of these the most heard.
_KNOWN: Final = f"""
    FROM (SELECT e.* {_ENTRY}{{filters}} ORDER BY e.weight DESC, e.id DESC LIMIT 5000) e
    WHERE true"""
MATCH: Final = " AND e.words @@ %(wide)s::tsquery"
# The name itself, its beginning, words of the name, words of the artist, words nearly typed; in
# each of these an artist comes first, and then what is heard most.
_SCORE: Final = """
    2000 * CASE
        WHEN e.name = %(name)s THEN 4
        WHEN e.words @@ %(own)s::tsquery THEN 2 + starts_with(e.name, %(name)s)::int
        WHEN e.words @@ %(exact)s::tsquery THEN 1 ELSE 0
    END + CASE WHEN e.kind = 'artist' THEN 1000 ELSE 0 END + e.weight"""
_AFTER: Final = " WHERE (score, id) < (%(score)s, %(id)s)"
_PAGE: Final = " ORDER BY score DESC, id DESC LIMIT %(limit)s"
CAP: Final = 20_000  # rows that are ranked at most
KIND: Final = " AND e.kind = %(kind)s"
GENRE: Final = " AND e.genre = %(genre)s"
ARTIST: Final = " AND e.artist = (SELECT id FROM catalog_artist WHERE slug = %(artist)s)"
_SOLD: Final = f"""
    SELECT 1 FROM nft_collection c JOIN catalog_release r ON r.id = c.release_id {TOP}
    WHERE c.state = 'live' AND r.state = 'published' {{terms}} AND"""
_FOR_SALE: Final = f"""
    AND (e.kind IN ('track', 'release') AND EXISTS ({_SOLD} c.release_id = e.release)
        OR e.kind = 'artist' AND EXISTS ({_SOLD} r.artist_id = e.artist))"""
ON_SALE_TERMS: Final = f" AND NOT c.paused AND {ON_SALE}"
PRICE_TERMS: Final = " AND c.price <= %(price_max)s"


def for_sale(terms: str) -> str:
    """Things of which something is sold under these terms."""
    return _FOR_SALE.format(terms=terms)


def browsed(filters: str, *, after: bool) -> str:
    """Everything that passes, what is heard most first."""
    place = " AND (e.weight, e.id) < (%(score)s, %(id)s)" if after else ""
    return (
        f"SELECT e.id, e.kind, e.object, e.weight {_ENTRY}{filters}{place}"
        " ORDER BY e.weight DESC, e.id DESC LIMIT %(limit)s"
    )


def found(filters: str, *, short: bool, after: bool) -> str:
    """What matches and passes, the best first. short: see Sought."""
    source = _KNOWN.format(filters=filters) if short else f"{_ENTRY}{filters}"
    return (
        f"SELECT id, kind, object, score FROM (SELECT e.id, e.kind, e.object, {_SCORE} AS score"
        f" {source}{MATCH} LIMIT {CAP}) ranked{_AFTER if after else ''}{_PAGE}"
    )


def together(shelves: Mapping[str, str]) -> str:
    """Several lists of the same columns at once, each row behind the name of its list."""
    return " UNION ALL ".join(
        f"SELECT '{name}', {name}.* FROM ({statement}) {name}"
        for name, statement in shelves.items()
    )


# --- home ---------------------------------------------------------------------------------------
# Plays of a week, those of today seven times those of a week ago.
TRENDING: Final = f"""
    SELECT p.track_id FROM catalog_play p JOIN catalog_track t ON t.id = p.track_id
    JOIN catalog_release r ON r.id = t.release_id JOIN catalog_artist a ON a.id = r.artist_id
    WHERE p.day > %(today)s - 7 AND p.day <= %(today)s AND {SHOWN}
    GROUP BY p.track_id ORDER BY sum(7 - (%(today)s - p.day)) DESC, p.track_id DESC
    LIMIT %(limit)s"""
LISTENED: Final = """
    SELECT heard.track_id FROM (
        SELECT p.track_id, p.id FROM catalog_play p WHERE p.listener = %(listener)s
        ORDER BY p.id DESC LIMIT 200
    ) heard GROUP BY heard.track_id ORDER BY max(heard.id) DESC LIMIT %(limit)s"""
TOP_TRACKS: Final = f"""
    {TRACK_CARDS} AND a.id = %(artist)s
    ORDER BY coalesce(n.plays, 0) DESC, r.published_at DESC, t.position LIMIT %(limit)s"""
# Who follows an artist, and how many wallets hold something of theirs.
CROWD: Final = """
    SELECT (SELECT coalesce(sum(followers), 0)::bigint FROM catalog_followcount
            WHERE artist_id = %(artist)s),
        (SELECT count(DISTINCT i.owner) FROM nft_item i
            JOIN nft_collection c ON c.id = i.collection_id
            JOIN catalog_release r ON r.id = c.release_id
            WHERE r.artist_id = %(artist)s AND i.owner <> '')"""
# A genre by its folded name: written, and lit, as the release that is heard most of it.
GENRES: Final = """
    SELECT genre, name, number, deep, bright, cid, width FROM (
        SELECT e.genre, r.genre AS name, r.colour_deep AS deep, r.colour_bright AS bright,
            cover.cid, cover.width, count(*) OVER same AS number,
            row_number() OVER (same ORDER BY e.weight DESC, e.id DESC) AS place
        FROM catalog_searchentry e JOIN catalog_release r ON r.id = e.object
        JOIN media_asset cover ON cover.id = r.cover_id
        WHERE e.kind = 'release' AND e.genre <> '' WINDOW same AS (PARTITION BY e.genre)
    ) ranked WHERE place = 1 ORDER BY number DESC, genre LIMIT 40"""
