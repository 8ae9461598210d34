"""COPY out of generators, past triggers, with the tables' secondary indexes made afterwards."""

import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from psycopg2 import extensions

from deploy.bench.large import rows
from deploy.bench.large.rows import Line, Music, Size

CHUNK = 5_000  # lines that are handed over at once
# What a unique or primary key stands on stays: its rows come in its order.
SECONDARY = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype <> 'f'
    WHERE i.indrelid = %s::regclass AND c.oid IS NULL"""
TABLES = {
    "accounts_user": "password is_superuser id login telegram_id first_name last_name username "
    "language photo_url is_staff is_active",
    "media_asset": "id kind access cid profile sha256 size content_type storage_name width height "
    "created_at leaves",
    "catalog_artist": "id slug name bio links status created_at owner_id",
    "catalog_release": "id slug title description genre colour_deep colour_bright state created_at "
    "published_at artist_id cover_id metadata_id",
    "media_recording": "id artist access state reason detail duration_ms codec flags waveform "
    "preview_start_ms created_at ready_at master_id preview_id",
    "catalog_track": "id position title isrc release_id recording_id",
    "nft_collection": "id chain_id address owner payout hub code_hash content state_init "
    "deploy_body platform_bps royalty_bps state limited payout_fixed rejected_reason created_at "
    "live_at price max_supply max_per_buy hub_quota hub_minted minted starts_at paused "
    "terms_read_at release_id",
    "catalog_searchword": "word",
    "catalog_searchentry": "kind object artist release name genre words weight",
    "payments_order": "id query_id quantity recipient buyer asset unit_price total platform_bps "
    "referral_bps state reason origin first_index created_at expires_at fulfilled_at collection_id "
    "user_id context country email gift",
    "payments_ledgeraccount": "id asset kind owner",
    "payments_ledgerentry": "id key kind memo order_id",
    "payments_leg": "entry_id account_id asset amount",
}
UNBALANCED = """
    SELECT count(*) FROM (
        SELECT entry_id FROM payments_leg GROUP BY entry_id, asset HAVING sum(amount) <> 0
    ) crooked"""
LOST = """
    SELECT count(*) FROM payments_leg l LEFT JOIN payments_ledgerentry e ON e.id = l.entry_id
    LEFT JOIN payments_order o ON o.id = e.order_id
    LEFT JOIN nft_collection c ON c.id = o.collection_id
    LEFT JOIN payments_ledgeraccount a ON a.id = l.account_id WHERE c.id IS NULL OR a.id IS NULL"""


class Stream(io.RawIOBase):
    """What COPY reads: lines of values with tabs between them."""

    def __init__(self, lines: Iterable[Line]) -> None:
        super().__init__()
        self.lines = iter(lines)
        self.count = 0
        self.rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        """As many bytes as are ready, CHUNK lines at once; 0 at the end."""
        if not self.rest:
            some = list(islice(self.lines, CHUNK))
            self.count += len(some)
            self.rest = memoryview("".join(map(_line, some)).encode())
        given = min(len(buffer), len(self.rest))
        buffer[:given] = self.rest[:given]
        self.rest = self.rest[given:]
        return given


def _line(values: Line) -> str:
    return "\t".join(map(_text, values)) + "\n"


def _text(value: object) -> str:
    """None is NULL; a backslash (of a bytea) is written twice."""
    return "\\N" if value is None else str(value).replace("\\", "\\\\")


Tables = dict[str, Callable[[], Iterable[Line]]]


def music_tables(size: Size) -> Tables:
    """Table by table, what they hold: everything about music, and who hears it."""
    music = Music(size)
    return {
        "accounts_user": lambda: rows.users(size),
        "media_asset": rows.assets,
        "catalog_artist": music.artist_rows,
        "catalog_release": music.release_rows,
        "media_recording": music.recording_rows,
        "catalog_track": music.track_rows,
        "nft_collection": music.collection_rows,
        "catalog_searchword": music.word_rows,
        "catalog_searchentry": music.entry_rows,
    }


def money_tables(size: Size) -> Tables:
    """Table by table, what they hold: orders and books."""
    return {
        "payments_order": lambda: rows.order_rows(size),
        "payments_ledgeraccount": lambda: rows.account_rows(size),
        "payments_ledgerentry": lambda: rows.ledger_rows(size),
        "payments_leg": lambda: rows.leg_rows(size),
    }


def fill(cursor: extensions.cursor, tables: Tables, say: Callable[[str], None]) -> dict[str, int]:
    """Table after table; how many rows each has got. The cursor is a superuser's."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute("SET synchronous_commit = off")
    made = {}
    for table, lines in tables.items():
        started = time.monotonic()
        with _without_indexes(cursor, table):
            stream = Stream(lines())
            columns = ", ".join(TABLES[table].split())
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", stream, 1 << 18)
        cursor.connection.commit()
        made[table] = stream.count
        say(f"  {stream.count:>10,} {table} {time.monotonic() - started:8.1f} s")
    return made


def finish(cursor: extensions.cursor) -> None:
    """Has the tables looked at. Every entry sums to zero, every leg leads somewhere; else
    SystemExit.
    """
    cursor.execute("SELECT setval('payments_ledgeraccount_id_seq', max(id)) "
                   "FROM payments_ledgeraccount")  # fmt: skip
    cursor.execute("ANALYZE")
    for statement in (UNBALANCED, LOST):
        cursor.execute(statement)
        found = cursor.fetchall()[0][0]
        if found:
            raise SystemExit(f"the data is wrong: {found} rows of\n{statement}")


@contextmanager
def _without_indexes(cursor: extensions.cursor, table: str) -> Iterator[None]:
    """To make an index of many rows at once is faster than to add each row to it."""
    cursor.execute(SECONDARY, [table])
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in found:
        cursor.execute(definition)
