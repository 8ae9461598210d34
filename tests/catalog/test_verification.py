"""Who an artist is: written, handed in, looked at by one person, answered, and private."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from catalog.models import Artist, Verification, VerificationFile
from catalog.services import verification as services
from core.errors import ApplicationError
from core.models import AuditRecord
from tests import people
from tests.catalog.people import artist_of

pytestmark = pytest.mark.django_db
State = Verification.State
PROOF = "A post on my channel names you today."
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def artist() -> User:
    return people.person("artist")


def written(user: User, **changes: object) -> Verification:
    said = {"name": "Nordlys", "links": ["https://nordlys.example"], "proof": PROOF, **changes}
    return services.verification_save(actor=user, **said)  # type: ignore[arg-type]


def taken(user: User) -> Verification:
    """Handed in, and claimed by the moderator."""
    written(user)
    row = services.verification_submit(actor=user)
    return services.verification_claim(verification_id=row.pk, actor=people.person("moderator"))


def answer(row: Verification, state: str, text: str = "Because.", who: str = "moderator") -> None:
    services.verification_answer(
        verification_id=row.pk, state=State(state), answer=text, actor=people.person(who)
    )


def stands(row: Verification) -> str:
    row.refresh_from_db()
    return str(row.state)


def test_a_draft_is_kept_from_the_app_and_goes_on_in_the_portal(artist: User) -> None:
    address = reverse("me-verification")
    said = {"name": "Nordlys", "links": ["https://nordlys.example"], "proof": ""}
    kept = people.api(artist).put(address, said).json()["current"]
    assert (kept["state"], kept["name"], kept["links"]) == ("draft", "Nordlys", said["links"])
    page = people.pages(artist)
    assert "https://nordlys.example" in page.get(reverse("portal-verification")).content.decode()
    page.post(
        reverse("portal-verification"),
        {"name": "Nordlys", "links": said["links"], "proof": PROOF, "submit": "1"},
    )
    assert Verification.objects.get().state == State.SUBMITTED


def test_it_is_not_handed_in_without_anything_to_look_at(artist: User) -> None:
    row = written(artist, links=[])
    with pytest.raises(ApplicationError, match="verification_short"):
        services.verification_submit(actor=artist)
    assert stands(row) == State.DRAFT


def test_files_are_private_checked_and_erased_with_the_decision(artist: User) -> None:
    row = written(artist)
    with pytest.raises(ApplicationError, match="file_refused"):
        services.verification_file_add(actor=artist, filename="x.html", content=b"<script>")
    file = services.verification_file_add(actor=artist, filename="id.png", content=PNG)
    services.verification_submit(actor=artist)
    address = reverse("admin:catalog_verification_file", args=[file.pk])
    for who in ("fan", "finance", "support"):
        assert people.pages(people.person(who)).get(address).status_code in (302, 403), who
    given = people.desk(people.person("moderator")).get(address)
    assert (given.content, given["Content-Type"]) == (PNG, "application/octet-stream")
    services.verification_claim(verification_id=row.pk, actor=people.person("moderator"))
    answer(row, "approved")
    assert not VerificationFile.objects.exists()


def test_a_yes_makes_the_page_with_its_badge(artist: User) -> None:
    row = taken(artist)
    answer(row, "approved", "")
    made = Artist.objects.get()
    assert (made.owner, made.name, made.verified_at is not None) == (artist, "Nordlys", True)
    assert stands(row) == State.APPROVED
    assert AuditRecord.objects.filter(action="catalog.verification_approved").exists()


def test_a_badge_is_taken_back_with_a_reason(artist: User) -> None:
    page = artist_of(artist)
    written(artist, artist=page)
    row = services.verification_submit(actor=artist)
    moderator = people.person("moderator")
    services.verification_claim(verification_id=row.pk, actor=moderator)
    answer(row, "approved")
    services.verification_revoke(verification_id=row.pk, reason="Sold page", actor=moderator)
    page.refresh_from_db()
    assert (page.verified_at, stands(row), row.answer) == (None, State.REVOKED, "Sold page")


def test_asked_for_more_it_can_be_written_on_and_comes_back(artist: User) -> None:
    row = taken(artist)
    with pytest.raises(ApplicationError, match="verification_closed"):
        written(artist)
    answer(row, "more_info", "Which channel?")
    assert people.api(artist).get(reverse("me-verification")).json()["current"]["answer"] == (
        "Which channel?"
    )
    written(artist, proof=f"{PROOF} It is t.me/nordlys.")
    services.verification_submit(actor=artist)
    assert stands(row) == State.SUBMITTED


@pytest.mark.parametrize("state", ["approved", "rejected", "more_info", "revoked", "draft"])
def test_no_step_is_left_out(artist: User, state: str) -> None:
    written(artist)
    row = services.verification_submit(actor=artist)
    with pytest.raises(ApplicationError, match=r"verification_step"):
        answer(row, state)
    assert stands(row) == State.SUBMITTED
    assert not Artist.objects.exists()


def test_only_who_took_it_decides_and_only_with_a_word(artist: User) -> None:
    row = taken(artist)
    with pytest.raises(ApplicationError, match="not_your_review"):
        answer(row, "approved", who="owner")
    with pytest.raises(ApplicationError, match="answer_required"):
        answer(row, "rejected", " ")
    with pytest.raises(ApplicationError, match="forbidden"):
        answer(row, "approved", who="finance")
    assert stands(row) == State.IN_REVIEW


def test_nobody_verifies_himself() -> None:
    moderator = people.person("moderator")
    row = taken(moderator)
    with pytest.raises(ApplicationError, match="not_your_review"):
        answer(row, "approved")
    assert stands(row) == State.IN_REVIEW


def test_the_desk_goes_every_step(artist: User) -> None:
    written(artist)
    row = services.verification_submit(actor=artist)
    desk = people.desk(people.person("moderator"))
    address = reverse("admin:catalog_verification_review", args=[row.pk])
    assert PROOF in desk.get(address).content.decode()
    desk.post(address, {"step": "claim"})
    assert stands(row) == State.IN_REVIEW
    assert b"artist reads it" in desk.post(address, {"step": "rejected", "answer": ""}).content
    desk.post(address, {"step": "approved", "answer": ""})
    assert stands(row) == State.APPROVED


@pytest.mark.parametrize(
    ("role", "status"),
    [("moderator", 200), ("owner", 200), ("finance", 403), ("support", 403), ("operator", 403)],
)
def test_evidence_is_for_those_who_decide(artist: User, role: str, status: int) -> None:
    written(artist)
    row = services.verification_submit(actor=artist)
    address = reverse("admin:catalog_verification_review", args=[row.pk])
    assert people.desk(people.person(role)).get(address).status_code == status
    assert people.pages(people.person("fan")).get(address).status_code == 302


def test_a_stranger_cannot_apply_for_somebody_elses_page(artist: User) -> None:
    page = artist_of(artist)
    answered = people.api(people.person("stranger")).put(
        reverse("me-verification"), {"name": "Nordlys", "artist": str(page.pk)}
    )
    assert answered.status_code == 404
    assert not Verification.objects.exists()
