"""What a fan sees in the shop is what the contract gives: nobody swaps it before the start."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytoniq_core import Cell, StateInit

from contracts import collection as contract
from core.ton.addresses import address as parsed
from deploy.local.ton.sandbox import COIN, Sandbox
from nft.models import Collection
from tests.nft.drops import artist, prepared

pytestmark = pytest.mark.django_db


def deployed(drop: Collection) -> Sandbox:
    """The drop's own StateInit and first message, on a chain in memory."""
    chain = Sandbox()
    chain.now = int(timezone.now().timestamp())
    init = StateInit.deserialize(Cell.one_from_boc(bytes(drop.state_init)).begin_parse())
    body = Cell.one_from_boc(bytes(drop.deploy_body))
    chain.send(parsed(drop.owner), parsed(drop.address), COIN, body, init=init)
    return chain


def test_an_artist_cannot_swap_the_content_of_an_upcoming_drop(settings: Settings) -> None:
    settings.TON_HUB_ADDRESS = "0:" + "22" * 32
    drop = prepared(artist(), starts_at=timezone.now() + timedelta(days=7))
    chain = deployed(drop)
    other = Cell.one_from_boc(bytes(prepared(artist("Other"), "Bait").content))
    trace = chain.send(
        parsed(drop.owner), parsed(drop.address), COIN, contract.set_content_body(content=other)
    )
    assert trace.first.exit_code == 466
    sale = contract.parse_sale_data(chain.run_method(parsed(drop.address), "get_sale_data").stack)
    assert sale.deployed
    assert sale.content_locked
