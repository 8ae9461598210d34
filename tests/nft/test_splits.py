"""Shares of a release: agreed to by everybody, 100.00 % or nothing, fixed by the drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from catalog.models import Artist, Release
from core.errors import ApplicationError
from core.models import AuditRecord
from nft.models import Collection, Split, SplitShare
from nft.selectors import split_current, split_of
from nft.services import (
    collection_abandon,
    collection_prepare,
    share_confirm,
    share_join,
    split_save,
)
from nft.services.splits import Part, share_secret
from nft.terms import splitter_params
from tests.catalog.people import published
from tests.nft.drops import artist, terms
from tests.people import pages, person, wallet_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hub(settings: object) -> None:
    settings.TON_HUB_ADDRESS = "0:" + "b" * 64  # type: ignore[attr-defined]


@dataclass
class Band:
    """An artist with a release, and two who helped."""

    artist: Artist
    release: Release
    helper: User
    other: User

    @property
    def split(self) -> Split:
        found = split_current(self.release)
        assert found is not None
        return found

    def line(self, place: int) -> SplitShare:
        return self.split.shares.get(position=place)

    def save(self, own: int, *parts: Part) -> Split | None:
        return split_save(
            actor=self.artist.owner, release=self.release, artist_bps=own, parts=parts
        )

    def join(self, user: User, place: int) -> None:
        share = self.line(place)
        share_join(actor=user, share_id=share.pk, secret=share_secret(share))

    def confirm(self, user: User, place: int) -> None:
        share_confirm(
            actor=user,
            share_id=self.line(place).pk,
            version=self.split.version,
            wallet=wallet_of(user).address,
        )

    def agreed(self) -> Split:
        self.save(6000, Part("Vera", 2500), Part("Ole", 1500))
        for user, place in ((self.helper, 1), (self.other, 2)):
            self.join(user, place)
            self.confirm(user, place)
        self.confirm(self.artist.owner, 0)
        return self.split

    def prepare(self) -> Collection:
        return collection_prepare(
            actor=self.artist.owner,
            release=self.release,
            terms=terms(owner=wallet_of(self.artist.owner).address),
        )


@pytest.fixture
def band() -> Band:
    made = artist()
    return Band(made, published(made), person("fan"), person("collector"))


def refused(code: str) -> pytest.RaisesExc[ApplicationError]:
    return pytest.RaisesExc(ApplicationError, check=lambda error: error.code == code)


def test_a_sheet_is_confirmed_when_everybody_has_said_yes(band: Band) -> None:
    band.save(6000, Part("Vera", 2500), Part("Ole", 1500))
    for user, place in ((band.helper, 1), (band.other, 2)):
        band.join(user, place)
        band.confirm(user, place)
        assert band.split.state == Split.State.DRAFT
    band.confirm(band.artist.owner, 0)
    assert band.split.state == Split.State.CONFIRMED
    actions = list(AuditRecord.objects.values_list("action", flat=True))
    assert actions.count("nft.split_confirmed") == 3


@pytest.mark.parametrize(
    ("own", "parts"),
    [(6000, [3999]), (6000, [4001]), (10_000, [0]), (0, [10_000]), (5000, [6000, -1000])],
)
def test_anything_but_a_hundred_percent_is_refused(band: Band, own: int, parts: list[int]) -> None:
    with refused("split_invalid"):
        band.save(own, *(Part(f"No {bps}", bps) for bps in parts))
    assert not Split.objects.exists()


def test_a_change_takes_all_confirmations_back_and_keeps_who_joined(band: Band) -> None:
    before = band.agreed()
    lines = list(before.shares.order_by("position"))
    band.save(5000, Part("Vera", 3500, lines[1].pk), Part("Ole", 1500, lines[2].pk))
    after = band.split
    assert (after.state, after.version) == (Split.State.DRAFT, before.version + 1)
    assert not after.shares.filter(confirmed_at__isnull=False).exists()
    assert [one.user for one in after.shares.order_by("position")] == [
        band.artist.owner, band.helper, band.other,
    ]  # fmt: skip


def test_the_same_sheet_again_changes_nothing(band: Band) -> None:
    split = band.agreed()
    lines = list(split.shares.order_by("position"))
    band.save(6000, Part("Vera", 2500, lines[1].pk), Part("Ole", 1500, lines[2].pk))
    assert (band.split.version, band.split.state) == (split.version, Split.State.CONFIRMED)


def test_nobody_agrees_to_what_he_has_not_seen(band: Band) -> None:
    band.save(6000, Part("Vera", 4000))
    band.join(band.helper, 1)
    seen = band.split.version
    band.save(9000, Part("Vera", 1000, band.line(1).pk))
    with refused("split_changed"):
        share_confirm(
            actor=band.helper,
            share_id=band.line(1).pk,
            version=seen,
            wallet=wallet_of(band.helper).address,
        )
    assert band.line(1).confirmed_at is None


def test_a_link_works_once_and_for_nobody_who_guesses(band: Band) -> None:
    band.save(6000, Part("Vera", 4000))
    share = band.line(1)
    with refused("share_not_found"):
        share_join(actor=band.helper, share_id=share.pk, secret="0" * 40)
    band.join(band.helper, 1)
    with refused("link_used"):
        band.join(band.other, 1)
    assert band.line(1).user == band.helper


def test_nobody_has_two_lines_of_one_sheet(band: Band) -> None:
    band.save(6000, Part("Vera", 2500), Part("Ole", 1500))
    band.join(band.helper, 1)
    for user in (band.helper, band.artist.owner):
        with refused("share_taken"):
            band.join(user, 2)
    assert band.line(2).user is None


@pytest.mark.parametrize("wallet", ["0:" + "7" * 64, "-1:" + "7" * 64, ""])
def test_only_an_own_wallet_is_paid(band: Band, wallet: str) -> None:
    band.save(6000, Part("Vera", 4000))
    band.join(band.helper, 1)
    with refused("wallet_unproved"):
        share_confirm(
            actor=band.helper, share_id=band.line(1).pk, version=band.split.version, wallet=wallet
        )
    assert band.line(1).wallet == ""


def test_a_drop_waits_for_the_last_confirmation(band: Band) -> None:
    band.save(6000, Part("Vera", 4000))
    band.confirm(band.artist.owner, 0)
    with refused("split_unconfirmed"):
        band.prepare()
    assert not Collection.objects.exists()


def test_a_wallet_that_was_taken_back_has_to_be_named_again(band: Band) -> None:
    band.agreed()
    wallet_of(band.helper).delete()
    with refused("split_unconfirmed"):
        band.prepare()
    assert not Collection.objects.exists()


def test_a_prepared_drop_pays_the_splitter_for_good_and_fixes_the_sheet(band: Band) -> None:
    split = band.agreed()
    drop = band.prepare()
    split.refresh_from_db()
    assert (drop.split, drop.payout_fixed, split.state) == (split, True, Split.State.FROZEN)
    assert drop.payout != drop.owner
    assert [one.bps for one in splitter_params(split).shares] == [2500, 1500, 6000]
    assert [(one.owner, one.bps) for one in split_of(drop)] == [
        (f"artist:{band.artist.pk}", 6000),
        (f"user:{band.helper.pk}", 2500),
        (f"user:{band.other.pk}", 1500),
    ]
    with refused("drop_exists"):
        band.save(5000, Part("Vera", 5000))


@pytest.mark.parametrize("sentence", ["share", "split", "gone", "new"])
def test_the_database_keeps_a_fixed_sheet(band: Band, sentence: str) -> None:
    split = band.agreed()
    band.prepare()
    acts: dict[str, Callable[[], object]] = {
        "share": lambda: split.shares.update(bps=1),
        "split": lambda: Split.objects.filter(pk=split.pk).update(state=Split.State.DRAFT),
        "gone": lambda: split.shares.all().delete(),
        "new": lambda: SplitShare.objects.create(split=split, position=9, name="x", bps=1),
    }
    with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
        acts[sentence]()
    assert sorted(split.shares.values_list("bps", flat=True)) == [1500, 2500, 6000]


def test_after_an_abandoned_drop_another_sheet_follows_the_fixed_one(band: Band) -> None:
    split = band.agreed()
    drop = band.prepare()
    collection_abandon(actor=band.artist.owner, collection=drop)
    band.save(9000, Part("Vera", 1000))
    assert band.split.pk != split.pk
    band.save(10_000)
    assert split_current(band.release) is None
    assert split_of(drop)[0].bps == 6000
    assert split_of(band.prepare()) == [type(split_of(drop)[0])(f"artist:{band.artist.pk}", 10_000)]


# --- in the portal -------------------------------------------------------------------------------


def form(own: str, *lines: tuple[str, str]) -> dict[str, str]:
    data = {"own": own, "line-TOTAL_FORMS": str(len(lines)), "line-INITIAL_FORMS": "0"}
    for place, (name, share) in enumerate(lines):
        data |= {f"line-{place}-name": name, f"line-{place}-percent": share}
    return data


def test_an_artist_shares_a_release_and_a_collaborator_agrees_in_the_portal(band: Band) -> None:
    mine = pages(band.artist.owner)
    page = reverse("portal-split", args=[band.release.pk])
    told = mine.post(page, form("66.67", ("Vera", "33.32"), ("", ""))).content.decode()
    assert "99.99 %" in told
    assert not Split.objects.exists()
    assert mine.post(page, form("66.67", ("Vera", "33.33"), ("", ""))).status_code == 302
    share = band.line(1)
    link = reverse("portal-share-join", args=[share.pk, share_secret(share)])
    assert link in mine.get(page).content.decode()
    theirs = pages(band.helper)
    assert "33.33 %" in theirs.get(link).content.decode()
    assert band.line(1).user is None  # looking takes nothing
    theirs.post(link)
    own = reverse("portal-share", args=[share.pk])
    theirs.post(own, {"version": "1", "wallet": wallet_of(band.helper).address})
    assert band.line(1).confirmed_at is not None
    assert "You agreed" in theirs.get(own).content.decode()


@pytest.mark.parametrize("name", ["stranger", "artist"])
def test_a_share_is_shown_to_nobody_else(band: Band, name: str) -> None:
    band.save(6000, Part("Vera", 4000))
    band.join(band.helper, 1)
    own = reverse("portal-share", args=[band.line(1).pk])
    assert pages(person(name)).get(own).status_code == 404
    assert (
        pages(person(name)).get(reverse("portal-split", args=[band.release.pk])).status_code == 404
    )


def test_the_page_to_sign_says_both_messages_in_words_and_bytes(band: Band) -> None:
    band.agreed()
    drop = band.prepare()
    page = reverse("portal-drop", args=[drop.pk])
    told = pages(band.artist.owner).get(page).content.decode()
    for words in ("deploys our splitter", "payee 0: 25.00 %", "deploys our collection",
                  "deploy the collection", bytes(drop.state_init).hex()):  # fmt: skip
        assert words in told
    whole = pages(band.artist.owner).get(reverse("portal-release", args=[band.release.pk]))
    assert whole.content.decode().count("deploys our splitter") == 1
    asked = pages(band.artist.owner).post(reverse("portal-drop-transaction", args=[drop.pk])).json()
    assert [("stateInit" in one) for one in asked["messages"]] == [True, True]
