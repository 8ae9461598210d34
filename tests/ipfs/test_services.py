"""Pinning services as they answer: repeats, refusals, wrong names, a token that is none."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from core.ipfs.cid import CHUNK, CLASSIC, cid_of
from core.ipfs.pinning import Content, Kubo, Pinata, PinError, PinService, Remote, State, services
from core.settings import env
from deploy.local.ipfs.face import Face
from deploy.local.ipfs.network import Network
from tests.ipfs.conftest import TOKEN, WIRE, until
from tests.ipfs.test_contract import made

Make = Callable[[Network, str], PinService]


def pinata(network: Network, token: str = TOKEN) -> Pinata:
    assert network.pinata is not None
    return Pinata("pinata", api=network.pinata.url, uploads=network.pinata.url, token=token)


def remote(network: Network, token: str = TOKEN) -> Remote:
    return Remote("backup", network.pinning.url, token=token, origins=["/ip4/127.0.0.1/tcp/4001"])


def kubo(network: Network, token: str = "") -> Kubo:
    del token
    return Kubo("own", network.node.url)


def content(data: bytes) -> Content:
    return Content(cid_of([data]), len(data), CLASSIC, "a file", lambda: io.BytesIO(data))


ALL = pytest.mark.parametrize("make", [kubo, pinata, remote])


def test_services_come_from_the_settings_those_that_take_bytes_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert services() == {}
    monkeypatch.setenv("NAMED", "first=https://one.example/psa?x=1, second=https://two.example")
    settings.IPFS_PINNING = env.named("NAMED")
    settings.IPFS_API, settings.PINATA_JWT = "http://127.0.0.1:5001", "token"
    assert [(name, one.fetches) for name, one in services().items()] == [
        ("own", False), ("pinata", False), ("first", True), ("second", True),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["first", "first=", "=https://one.example", "a=b,a=c"])
def test_a_list_of_names_that_is_none_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("NAMED", text)
    with pytest.raises(ImproperlyConfigured, match="NAMED is a list"):
        env.named("NAMED")


@ALL
def test_added_twice_is_there_once_and_removed_twice_is_gone(network: Network, make: Make) -> None:
    data, _layout = made(CHUNK + 3)
    file, service = content(data), make(network, TOKEN)
    kubo(network).add(file)  # what fetches has to find it somewhere
    for _ in range(2):
        status = service.add(file)
        assert status.state in {State.PINNED, State.WORKING}
        assert until(lambda: service.state(file.cid, "").state is State.PINNED)
    assert service.holds(file.cid)
    for _ in range(2):
        service.remove(file.cid, status.remote_id)
        assert service.state(file.cid, status.remote_id).state is State.ABSENT
    assert not service.holds(file.cid)


@ALL
def test_asked_to_wait_it_says_how_long(network: Network, make: Make) -> None:
    face = _face(network, make)
    face.faults.too_many, face.faults.retry_after = 10, 77
    service = make(network, TOKEN)
    with pytest.raises(PinError) as refused:
        service.add(content(made(10)[0]))
    assert (refused.value.code, refused.value.retry, refused.value.after) == (
        "unavailable",
        True,
        77,
    )


@ALL
@pytest.mark.parametrize("fault", ["refuse", "unavailable"])
def test_what_may_succeed_later_is_told_from_a_refusal(
    network: Network, make: Make, fault: str
) -> None:
    setattr(_face(network, make).faults, fault, True)
    with pytest.raises(PinError) as refused:
        make(network, TOKEN).state(cid_of([b"x"]), "")
    assert refused.value.retry


@pytest.mark.parametrize("make", [pinata, remote])
def test_half_an_answer_is_no_answer(network: Network, make: Make) -> None:
    _face(network, make).faults.truncate = True
    with pytest.raises(PinError) as refused:
        make(network, TOKEN).state(cid_of([b"x"]), "")
    assert (refused.value.code, refused.value.retry) == ("answer_unreadable", True)


def _face(network: Network, make: Make) -> Face:
    faces = {kubo: network.node, pinata: network.pinata, remote: network.pinning}
    face = faces[make]  # type: ignore[index]
    assert face is not None
    return face


@pytest.mark.parametrize("make", [pinata, remote])
def test_a_bad_token_is_not_let_in_and_nothing_is_kept(network: Network, make: Make) -> None:
    file = content(made(50)[0])
    with pytest.raises(PinError) as refused:
        make(network, "another").add(file)
    assert (refused.value.code, refused.value.retry) == ("not_let_in", True)
    assert make(network, TOKEN).state(file.cid, "").state is State.ABSENT


@pytest.mark.parametrize("make", [kubo, pinata])
def test_a_service_that_names_the_bytes_otherwise_keeps_nothing(
    network: Network, make: Make
) -> None:
    data, _ = made(2000)
    other = Content(cid_of([b"other"]), 2000, CLASSIC, "a file", lambda: io.BytesIO(data))
    with pytest.raises(PinError) as refused:
        make(network, TOKEN).add(other)
    assert (refused.value.code, refused.value.retry) == ("cid_differs", False)
    assert make(network, TOKEN).state(cid_of([data]), "").state is State.ABSENT


@pytest.mark.parametrize("make", [kubo, pinata])
def test_a_large_file_is_never_whole_in_memory(network: Network, make: Make) -> None:
    data, layout = made(20_000_000)
    read: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            read.append(len(piece))
            return piece

    def opened() -> IO[bytes]:
        return Watched(data)

    make(network, TOKEN).add(Content(layout.root, len(data), CLASSIC, "large", opened))
    assert sum(read) == len(data)
    assert max(read) <= 1 << 20


def test_the_pinning_api_gives_two_requests_for_one_file_and_we_remove_both(
    network: Network,
) -> None:
    file, service = content(made(70)[0]), remote(network)
    kubo(network).add(file)
    auth = {"Authorization": f"Bearer {TOKEN}"}
    pins = f"{network.pinning.url}/pins"
    ids = {
        WIRE.post(pins, json={"cid": str(file.cid)}, headers=auth).json()["requestid"]
        for _ in range(2)
    }
    assert len(ids) == 2
    assert service.add(file).remote_id in ids  # a third is not made
    service.remove(file.cid, "")
    found = WIRE.get(pins, params={"status": "queued,pinning,pinned"}, headers=auth).json()
    assert not {one["requestid"] for one in found["results"]} & ids


def test_a_file_that_nobody_has_is_given_up_and_asked_for_again(network: Network) -> None:
    file, service = content(made(80)[0]), remote(network)
    network.pinning.delay, network.pinning.patience = 0.0, 0.0
    first = service.add(file)
    assert until(lambda: service.state(file.cid, first.remote_id).state is State.FAILED)
    kubo(network).add(file)
    again = service.add(file)
    assert again.remote_id != first.remote_id
    assert until(lambda: service.state(file.cid, again.remote_id).state is State.PINNED)
    network.pinning.delay, network.pinning.patience = 0.05, 60.0


def test_the_local_services_refuse_what_the_real_ones_refuse(network: Network) -> None:
    auth = {"Authorization": f"Bearer {TOKEN}"}
    cid = str(cid_of([b"x"]))
    assert network.pinata is not None
    pins, files = f"{network.pinning.url}/pins", f"{network.pinata.url}/v3/files"
    node = f"{network.node.url}/api/v0"
    answers = [
        WIRE.post(pins, json={"cid": cid}),
        WIRE.post(pins, json={"cid": cid, "color": "red"}, headers=auth),
        WIRE.post(pins, json={"cid": "Qm"}, headers=auth),
        WIRE.get(pins, params={"status": "lost"}, headers=auth),
        WIRE.get(f"{pins}/unknown", headers=auth),
        WIRE.post(files, files={"file": b"x", "colour": b"red"}, headers=auth),
        WIRE.post(files, data={"network": "public"}, headers=auth),
        WIRE.get(f"{files}/public", params={"hash": cid}, headers=auth),
        WIRE.get(f"{node}/version"),
        WIRE.post(f"{node}/version", headers={"Origin": "https://a.page"}),
        WIRE.post(f"{node}/pin/ls", params={"argument": cid}),
        WIRE.post(f"{node}/key/export"),
    ]
    assert [one.status_code for one in answers] == [
        401, 400, 400, 400, 404, 400, 400, 400, 405, 403, 400, 404,
    ]  # fmt: skip
