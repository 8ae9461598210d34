"""The statements behind the selectors: constants, every value is a parameter."""

# ruff: noqa: S608  these are put together from constants of this file alone

from __future__ import annotations

from typing import Any, Final

from django.db import connection

RELEASE: Final = """
    r.id, r.title, r.genre, r.colour_deep, r.colour_bright,
    a.id, a.slug, a.name, a.verified_at IS NOT NULL, cover.cid, cover.width"""
_RELEASE_JOINS: Final = """
    JOIN catalog_release r ON r.id = c.release_id
    JOIN catalog_artist a ON a.id = r.artist_id
    JOIN media_asset cover ON cover.id = r.cover_id"""
_MINTED: Final = "greatest(c.minted, coalesce(top.index + 1, 0))"
SUPPLY: Final = f"c.max_supply, {_MINTED}, c.hub_quota - c.hub_minted"
TOP: Final = """
    LEFT JOIN LATERAL (
        SELECT i.index FROM nft_item i WHERE i.collection_id = c.id ORDER BY i.index DESC LIMIT 1
    ) top ON true"""
DROP: Final = f"""
    c.id, c.address, c.price, c.starts_at, c.ends_at, c.paused, {SUPPLY},
    c.max_per_buy, c.platform_bps, c.royalty_bps, {RELEASE}"""
_DROP_FROM: Final = f"FROM nft_collection c {_RELEASE_JOINS} {TOP}"
# What the public may see: found on chain, published, and its artist not hidden.
_VISIBLE: Final = "c.state = 'live' AND r.state = 'published' AND a.status = 'active'"
ON_SALE: Final = f"""(c.starts_at <= %(now)s AND (c.ends_at IS NULL OR c.ends_at > %(now)s)
    AND (c.max_supply = 0 OR {_MINTED} + c.hub_quota - c.hub_minted < c.max_supply))"""

DROP_PAGE: Final = f"SELECT {DROP} {_DROP_FROM} WHERE {_VISIBLE}"
DROP_FILTERS: Final = {
    "live": f" AND {ON_SALE}",
    "upcoming": " AND c.starts_at > %(now)s",
    "ended": f" AND c.starts_at <= %(now)s AND NOT {ON_SALE}",
}
DROP_OF_ARTIST: Final = " AND a.slug = %(artist)s"
DROP_OF_FOLLOWED: Final = """ AND r.artist_id IN (
    SELECT f.artist_id FROM catalog_follow f WHERE f.user_id = %(follower)s)"""
DROP_AFTER: Final = " AND (c.starts_at, c.id) < (%(moment)s, %(key)s)"
DROP_SOON: Final = " ORDER BY c.starts_at, c.id LIMIT %(limit)s"
DROP_ORDER: Final = " ORDER BY c.starts_at DESC, c.id DESC LIMIT %(limit)s"
DROP_DETAIL: Final = f"""
    SELECT {DROP}, r.description {_DROP_FROM}
    WHERE {_VISIBLE} AND (c.id = %(drop)s OR c.release_id = %(drop)s)"""
DROP_ANY: Final = f"SELECT {DROP} {_DROP_FROM} WHERE c.id = %(drop)s"
SUPPLY_ANY: Final = f"""
    SELECT {SUPPLY}, c.starts_at, c.ends_at, c.paused
    FROM nft_collection c {TOP} WHERE c.id = %(drop)s"""
RELEASES: Final = f"""
    SELECT c.id, {RELEASE} FROM nft_collection c {_RELEASE_JOINS} WHERE c.id = ANY(%(drops)s)"""
TRACKS: Final = """
    SELECT t.id, t.title, t.position, rec.duration_ms, p.cid, rec.waveform,
        rec.access, coalesce(n.plays, 0)
    FROM catalog_track t JOIN media_recording rec ON rec.id = t.recording_id
    LEFT JOIN media_asset p ON p.id = rec.preview_id
    LEFT JOIN catalog_playcount n ON n.track_id = t.id
    WHERE t.release_id = %(release)s ORDER BY t.position"""

ITEM: Final = f"""
    SELECT i.address, i.index, i.owner, i.acquired_at, i.id, c.id, c.max_supply, c.limited,
        {RELEASE}
    FROM nft_item i JOIN nft_collection c ON c.id = i.collection_id {_RELEASE_JOINS}"""
ITEM_OWNED: Final = f"{ITEM} WHERE i.owner = ANY(%(owners)s)"
ITEM_AFTER: Final = " AND (i.acquired_at, i.id) < (%(moment)s, %(key)s)"
ITEM_ORDER: Final = " ORDER BY i.acquired_at DESC, i.id DESC LIMIT %(limit)s"
# An edition with its proof: the collection, and the first track's master as the chain names it.
ITEM_ONE: Final = f"""
    SELECT i.address, i.index, i.owner, i.acquired_at, i.id, c.id, c.max_supply, c.limited,
        {RELEASE}, c.address, m.cid, m.sha256,
        r.state = 'published' AND a.status = 'active', c.royalty_bps
    FROM nft_item i JOIN nft_collection c ON c.id = i.collection_id {_RELEASE_JOINS}
    LEFT JOIN LATERAL (
        SELECT s.cid, s.sha256 FROM catalog_track t
        JOIN media_recording rec ON rec.id = t.recording_id
        JOIN media_asset s ON s.id = rec.master_id
        WHERE t.release_id = r.id ORDER BY t.position LIMIT 1
    ) m ON true WHERE i.address = %(address)s"""
ITEM_THIS: Final = f"{ITEM} WHERE i.address = %(address)s"
ITEM_THESE: Final = f"{ITEM} WHERE i.id = ANY(%(items)s)"
# What an edition stands for, file by file: the JSON and the cover, then each track's own.
FILES: Final = """
    SELECT f.kind, f.title, s.cid, s.profile, s.sha256, s.size, s.content_type, s.access
    FROM catalog_release r JOIN LATERAL (
        SELECT 0 AS place, 0 AS nth, 'metadata' AS kind, '' AS title, r.metadata_id AS asset
        UNION ALL SELECT 0, 1, 'cover', '', r.cover_id
        UNION ALL SELECT t.position, 2, 'preview', t.title, rec.preview_id
            FROM catalog_track t JOIN media_recording rec ON rec.id = t.recording_id
            WHERE t.release_id = r.id
        UNION ALL SELECT t.position, 3, 'master', t.title, rec.master_id
            FROM catalog_track t JOIN media_recording rec ON rec.id = t.recording_id
            WHERE t.release_id = r.id
    ) f ON true JOIN media_asset s ON s.id = f.asset
    WHERE r.id = %(release)s ORDER BY f.place, f.nth"""

# --- who holds how many: one row a person or wallet, and one that is always there -------------
HELD_OF_DROP: Final = f"""
    SELECT 1 AS here, i.owner, count(i.id) AS editions, min(i.index) AS first
    FROM nft_collection c {_RELEASE_JOINS}
    LEFT JOIN nft_item i ON i.collection_id = c.id AND i.owner <> ''
    WHERE c.id = %(drop)s AND {_VISIBLE} GROUP BY i.owner"""
HELD_OF_ARTIST: Final = """
    SELECT 1 AS here, i.owner, count(i.id) AS editions, min(i.index) AS first
    FROM catalog_artist a
    LEFT JOIN catalog_release r ON r.artist_id = a.id AND r.state = 'published'
    LEFT JOIN nft_collection c ON c.release_id = r.id AND c.state = 'live'
    LEFT JOIN nft_item i ON i.collection_id = c.id AND i.owner <> ''
    WHERE a.slug = %(artist)s AND a.status = 'active' GROUP BY i.owner"""
# Who is shown: as accounts.selectors.public_name has it.
LEADERS: Final = """
    WITH held AS ({held}), persons AS (
        SELECT coalesce(u.id::text, held.owner) AS person, u.id AS user_id,
            min(held.owner) AS wallet, sum(held.editions)::bigint AS editions,
            min(held.first) AS first
        FROM held
        LEFT JOIN accounts_wallet w ON w.address = held.owner AND w.revoked_at IS NULL
        LEFT JOIN accounts_preferences p ON p.user_id = w.user_id
        LEFT JOIN accounts_user u ON u.id = w.user_id AND u.is_active
            AND coalesce(p.shown, true) AND (u.first_name <> '' OR u.username <> '')
        WHERE held.owner IS NOT NULL GROUP BY 1, 2
    ), ranked AS (
        SELECT person, user_id, wallet, editions, first,
            row_number() OVER (ORDER BY editions DESC, first, person) AS place
        FROM persons
    ), listed AS (
        SELECT * FROM ranked {after} ORDER BY place LIMIT %(limit)s
    )
    SELECT l.person, l.user_id, l.wallet, l.editions, l.first, l.place,
        (SELECT count(*) FROM persons)
    FROM (SELECT here FROM held LIMIT 1) there LEFT JOIN listed l ON true ORDER BY l.place"""
LEADERS_AFTER: Final = """
    WHERE (-editions, first, person) > (-%(editions)s, %(first)s, %(person)s)"""


def rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
