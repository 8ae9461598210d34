"""What is found by which words, and that nothing is found that the shop does not show."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from catalog import services
from catalog.folding import distance, fold, other_keyboard, words
from catalog.models import Artist, PlayCount, Release, SearchEntry, SearchWord
from catalog.search import sought
from tests.catalog.people import artist_of, person, published, staff


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Привет, мир!", "privet mir"),
        ("ЁЛКА", "елка"),
        ("Beyoncé", "BEYONCE"),
        ("Søn & Łódź", "son lodz"),
        ("Don’t Stop", "dont stop"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("山田", "山田"),
    ],
)
def test_two_spellings_of_a_name_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_signs_alone_are_no_words() -> None:
    assert words("?! -- _ 🎵") == []


def test_the_other_keyboard_is_read_both_ways() -> None:
    assert other_keyboard("ghbdtn") == "привет"
    assert other_keyboard("ыщгтв") == "sound"


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("prevet", "privet", 1), ("prviet", "privet", 1), ("rain", "train", 1), ("sea", "sun", 2)],
)
def test_the_distance_of_words_counts_a_swap_as_one(one: str, other: str, far: int) -> None:
    assert distance(one, other, 2) == far
    assert distance(one, other, far - 1) > far - 1


def found(text: str) -> set[str]:
    """Names of what is found, as the index holds them."""
    asked = sought(text)
    assert asked is not None
    rows = SearchEntry.objects.extra(where=["words @@ %s::tsquery"], params=[asked.wide])
    return set(rows.values_list("name", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["Привет", "privet", "ПРИВЕТ", "превет", "prviet", "приве", "ghbdtn", "pr"]
)
def test_a_title_is_found_however_it_is_typed(typed: str) -> None:
    published(artist_of(person("artist"), "Нордлюс"), "Привет")
    assert "privet" in found(typed)


@pytest.mark.django_db
def test_a_release_brings_its_tracks_and_its_artist_and_takes_them_along() -> None:
    nordlys = artist_of(person("artist"), "Nordlys")
    assert not SearchEntry.objects.exists()
    release = published(nordlys, "Harbour Lights")
    kinds = {row.kind: row for row in SearchEntry.objects.all()}
    assert set(kinds) == {"artist", "release", "track"}
    assert kinds["track"].name == "first crossing"
    assert found("nordlys crossing") == {"first crossing"}
    assert found("ambient") == {"harbour lights"}
    services.release_withdraw(actor=nordlys.owner, release=release, reason="rights")
    assert not SearchEntry.objects.exists()


@pytest.mark.django_db
def test_a_new_name_is_found_and_the_old_one_no_more() -> None:
    nordlys = artist_of(person("artist"), "Nordlys")
    published(nordlys)
    services.artist_update(actor=nordlys.owner, artist=nordlys, name="Полярная", bio="", links=())
    assert found("nordlys") == set()
    assert found("polyarnaya") == {"polyarnaya", "harbour lights", "first crossing"}


@pytest.mark.django_db
def test_a_hidden_artist_is_not_found_until_shown_again() -> None:
    nordlys = artist_of(person("artist"), "Nordlys")
    published(nordlys)
    moderator = staff("moderator", "catalog.change_artist")
    hide = {"actor": moderator, "artist": nordlys, "reason": "asked"}
    services.artist_status_set(status=Artist.Status.HIDDEN, **hide)
    assert found("nordlys") == set()
    services.artist_status_set(status=Artist.Status.ACTIVE, **hide)
    assert "nordlys" in found("nordlys")


@pytest.mark.django_db
def test_the_rebuilt_index_is_the_written_one(capsys: pytest.CaptureFixture[str]) -> None:
    published(artist_of(person("artist"), "Nordlys"))
    facts = ("kind", "object", "artist", "release", "name", "genre", "words")
    written = set(SearchEntry.objects.values_list(*facts))
    SearchEntry.objects.filter(kind="track").delete()
    SearchEntry.objects.filter(kind="artist").update(name="spoilt")
    SearchWord.objects.create(word="forgotten")
    call_command("search_rebuild")
    assert set(SearchEntry.objects.values_list(*facts)) == written
    assert "3 things" in capsys.readouterr().out
    assert not SearchWord.objects.filter(word="forgotten").exists()
    assert SearchWord.objects.filter(word="crossing").exists()


@pytest.mark.django_db
def test_what_is_heard_weighs_and_an_older_shop_gets_its_index() -> None:
    release = published(artist_of(person("artist"), "Nordlys"))
    PlayCount.objects.create(track=release.tracks.get(), plays=1000)
    assert services.search_weigh() == 3
    assert set(SearchEntry.objects.values_list("weight", flat=True)) == {498}
    assert services.search_weigh() == 0
    SearchEntry.objects.all().delete()
    assert Release.objects.exists()
    assert services.search_weigh() == 3
    assert SearchEntry.objects.count() == 3
