"""manage.py ipfs_prove: recompute every CID from the stored bytes, and ask whoever keeps them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from catalog import services
from catalog.media.models import Asset
from catalog.media.proving import Proof, prove
from catalog.media.services import pin_lost

ROW: Final = "{:<60} {:<9} {:>10}  {:<24} {}"


class Command(BaseCommand):
    help = "Recompute every stored file's CID and check its pins; exit 1 on any difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="pin again what was lost")
        parser.add_argument("--quiet", action="store_true", help="only what is wrong, and the sum")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: something is wrong."""
        del args
        if options["repair"]:
            services.releases_keep()
        self.stdout.write(ROW.format("CID", "kind", "size", "stored bytes", "pins"))
        told: Counter[str] = Counter()
        for asset in Asset.objects.select_related("key").order_by("pk").iterator():
            proof = prove(asset)
            if proof.failed or not options["quiet"]:
                self._row(proof)
            told += _sums(proof)
            if options["repair"]:
                told["queued"] += sum(pin_lost(pin=pin, why=why) for pin, why in proof.lost)
        self._sum(told, repair=options["repair"])

    def _row(self, proof: Proof) -> None:
        asset = proof.asset
        pins = ", ".join(f"{name} {state}" for name, state in proof.pins.items()) or "no pins"
        size = filesizeformat(asset.size).replace("\N{NO-BREAK SPACE}", " ")
        self.stdout.write(ROW.format(asset.cid, asset.kind, size, proof.bytes, pins))

    def _sum(self, told: Counter[str], *, repair: bool) -> None:
        self.stdout.write(
            f"{told['files']} files, {told['bytes']} bytes: {told['right']} right, "
            f"{told['files'] - told['right']} wrong. {told['pins']} pins: {told['pinned']} proved, "
            f"{told['lost']} lost, {told['pins'] - told['pinned'] - told['lost']} not pinned."
        )
        if repair:
            self.stdout.write(f"{told['queued']} lost pins are pinned again in a moment.")
        if told["failed"]:
            raise CommandError(f"{told['failed']} files are not stored or kept as they should be.")


def _sums(proof: Proof) -> Counter[str]:
    return Counter(
        files=1,
        bytes=proof.asset.size,
        right=int(proof.bytes == "right"),
        pins=len(proof.pins),
        pinned=sum(state == "pinned" for state in proof.pins.values()),
        lost=len(proof.lost),
        failed=int(proof.failed),
    )
