"""How fast money goes through the shop, as ratios to the barest work on the same database.

A throw-away world with a Stripe sandbox beside it; `deploy.bench.payments` does the work in a
process of its own and prints one JSON line for each measurement.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2

from deploy.bench.http import TABLES
from deploy.bench.told import told
from deploy.local import postgres
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.world import World

FEW, MANY = 10_000, 1_000_000
# Two accounts against a third, as the database's owner and past the guards: rows that have lain
# there for years. {few} and {many} are the numbers of their legs, a thousand to an entry.
LEGS = """
    INSERT INTO payments_ledgeraccount (kind, owner, asset) VALUES
        ('psp_fees', 'bench-few', 'USD'), ('psp_fees', 'bench-many', 'USD'),
        ('rounding', 'bench', 'USD');
    CREATE TEMPORARY TABLE made AS
        SELECT gen_random_uuid() AS id, n,
               CASE WHEN n * 1000 <= {few} THEN 'bench-few' ELSE 'bench-many' END AS owner
        FROM generate_series(1, ({many} + {few}) / 1000) AS n;
    INSERT INTO payments_ledgerentry (id, key, kind, memo)
        SELECT id, 'bench:' || n, 'sale', '' FROM made;
    INSERT INTO payments_leg (entry_id, account_id, asset, amount)
        SELECT made.id, account.id, 'USD', 3
        FROM made JOIN payments_ledgeraccount account USING (owner), generate_series(1, 1000);
    INSERT INTO payments_leg (entry_id, account_id, asset, amount)
        SELECT made.id, account.id, 'USD', -3000
        FROM made, payments_ledgeraccount account WHERE account.owner = 'bench';
    ANALYZE payments_leg"""


def rows(say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """Builds a world of its own, measures, and takes it down."""
    with StripeSandbox() as box:
        world = World.temporary(
            say=say, LOG_LEVEL="ERROR", TON_HUB_ADDRESS="0:" + "11" * 32,
            STRIPE_API_URL=box.url, STRIPE_SECRET_KEY=box.key,
            STRIPE_WEBHOOK_SECRETS=box.webhook_secret, RATES_FIXED="USD:3.00",
            RATE_LIMIT_FACTOR="1000000",
        )  # fmt: skip
        with world:
            world.start(["postgres", "redis", "migrate"])
            say(f"  making {MANY + FEW} legs")
            _fill(world)
            for row in told(world, "deploy.bench.payments"):
                say(f"  {row['name']}: {row['value']} {row['unit']}, ratio {row['ratio']}")
                yield row


def _fill(world: World) -> None:
    with psycopg2.connect(world.postgres.url(postgres.ADMIN)) as admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # passes the triggers
        cursor.execute(LEGS.format(few=FEW, many=MANY))
    with psycopg2.connect(world.postgres.url(postgres.OWNER)) as owner, owner.cursor() as cursor:
        cursor.execute(TABLES)
