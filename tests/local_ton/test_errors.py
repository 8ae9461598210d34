"""Wrong input gets toncenter's error shape, whatever the method and the way of asking."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest

from deploy.local.ton.client import NetworkClient
from tests.local_ton.network import FAN

pytestmark = pytest.mark.usefixtures("fan_has_coins")
ADDRESS = {"address": FAN.address}
BLOCK = {"workchain": 0, "shard": "-9223372036854775808", "seqno": 1}
LONG_AGO = {"lt": "7", "hash": "00" * 32}
JUNK = "bm90IGEgYmFnIG9mIGNlbGxz"

WRONG: list[tuple[str, dict[str, Any], int]] = [
    *[(name, {}, 422) for name in (
        "getAddressInformation", "getExtendedAddressInformation", "getWalletInformation",
        "getAddressBalance", "getAddressState", "packAddress", "unpackAddress", "detectAddress",
        "getTransactions", "tryLocateTx", "tryLocateResultTx", "tryLocateSourceTx",
        "runGetMethod", "sendBoc", "sendBocReturnHash", "estimateFee", "getConfigParam",
        "lookupBlock", "shards", "getBlockHeader", "getBlockTransactions",
        "getBlockTransactionsExt",
    )],
    *[(name, {"address": "EQnonsense"}, 416) for name in (
        "getAddressInformation", "getWalletInformation", "getAddressBalance", "getAddressState",
        "packAddress", "unpackAddress", "detectAddress", "getTransactions",
    )],
    ("getAddressInformation", {"address": FAN.friendly()[:-1] + "A"}, 416),
    ("getAddressInformation", {**ADDRESS, "seqno": 10**9}, 500),
    ("getAddressInformation", {**ADDRESS, "seqno": "now"}, 422),
    ("getTransactions", {**ADDRESS, "limit": 0}, 422),
    ("getTransactions", {**ADDRESS, "limit": 101}, 422),
    ("getTransactions", {**ADDRESS, "limit": "many"}, 422),
    ("getTransactions", {**ADDRESS, "lt": "7", "hash": "zz"}, 422),
    ("getTransactions", {**ADDRESS, **LONG_AGO}, 500),
    ("runGetMethod", ADDRESS, 422),
    ("runGetMethod", {**ADDRESS, "method": "seqno", "stack": [["num", "x"]]}, 422),
    ("runGetMethod", {**ADDRESS, "method": "seqno", "stack": [["tvm.Cell", JUNK]]}, 422),
    ("runGetMethod", {**ADDRESS, "method": "seqno", "stack": [["list", []]]}, 422),
    ("runGetMethod", {**ADDRESS, "method": "seqno", "stack": "none"}, 422),
    ("sendBoc", {"boc": "%%%"}, 422),
    ("sendBoc", {"boc": JUNK}, 500),
    ("sendBoc", {"boc": "te6ccgEBAQEAAgAAAA=="}, 500),
    ("sendBocReturnHash", {"boc": JUNK}, 500),
    ("estimateFee", {**ADDRESS, "body": JUNK}, 500),
    ("getConfigParam", {"config_id": 77}, 500),
    ("getConfigParam", {"config_id": "x"}, 422),
    ("lookupBlock", {"workchain": 0, "shard": "1", "seqno": 1}, 500),
    ("lookupBlock", {"workchain": 0, "shard": BLOCK["shard"]}, 422),
    ("lookupBlock", {"workchain": 0, "shard": BLOCK["shard"], "unixtime": 4_000_000_000}, 500),
    ("shards", {"seqno": 10**9}, 500),
    ("getBlockHeader", BLOCK | {"seqno": 10**9}, 500),
    ("getBlockTransactions", BLOCK | {"workchain": 5}, 500),
]  # fmt: skip


def check(status: int, body: dict[str, Any], wanted: int) -> None:
    """Assert the one shape of errors."""
    assert status == wanted, body
    assert body["ok"] is False
    assert body["code"] == wanted
    assert body["error"]
    assert isinstance(body["error"], str)
    assert "result" not in body


@pytest.mark.parametrize(("method", "params", "status"), WRONG)
def test_wrong_input_is_refused_in_the_same_shape_by_every_way_of_asking(
    ton: NetworkClient, method: str, params: dict[str, Any], status: int
) -> None:
    check(*ton.exchange("POST", f"/api/v2/{method}", params), status)
    if all(isinstance(value, (str, int)) for value in params.values()):
        check(*ton.exchange("GET", f"/api/v2/{method}?{urlencode(params)}"), status)
    request = {"id": "7", "jsonrpc": "2.0", "method": method, "params": params}
    code, body = ton.exchange("POST", "/api/v2/jsonRPC", request)
    check(code, body, status)
    assert body["id"] == "7"
    assert body["jsonrpc"] == "2.0"


def test_unknown_methods_and_paths(ton: NetworkClient) -> None:
    check(*ton.exchange("GET", "/api/v2/getEverything"), 404)
    check(*ton.exchange("GET", "/nothing/here"), 404)
    request = {"id": 1, "jsonrpc": "2.0", "method": "getEverything", "params": {}}
    status, body = ton.exchange("POST", "/api/v2/jsonRPC", request)
    assert status == 422
    assert body == {"ok": False, "error": "Unknown method", "jsonrpc": "2.0", "id": 1}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("transactions?account=nonsense", 422),
        ("transactions?limit=x", 422),
        ("transactions?sort=sideways", 422),
        ("transactions?hash=zz", 422),
        ("transactionsByMessage", 422),
        ("transactionsByMessage?msg_hash=zz", 422),
        ("accountStates", 422),
        ("runGetMethod", 422),
    ],
)
def test_v3_has_an_error_shape_of_its_own(ton: NetworkClient, path: str, status: int) -> None:
    code, body = ton.exchange("GET", f"/api/v3/{path}")
    assert code == status
    assert body["code"] == status
    assert body["error"]


def test_a_body_that_is_no_json_is_refused(ton: NetworkClient) -> None:
    for text in ("{", "[]", "\xff"):
        check(*ton.exchange_text("POST", "/api/v2/sendBoc", text), 422)


def test_every_origin_may_call_and_a_preflight_is_answered(ton: NetworkClient) -> None:
    for verb, path in (("OPTIONS", "/api/v2/sendBoc"), ("GET", "/healthz"), ("GET", "/nothing")):
        connection = HTTPConnection(ton.url.removeprefix("http://"), timeout=10)
        connection.request(verb, path)
        assert connection.getresponse().headers["Access-Control-Allow-Origin"] == "*"
        connection.close()


def test_configuration_is_readable(ton: NetworkClient) -> None:
    for number in (0, 8, 12, 18, 20, 21, 24, 25):
        config = ton.call("getConfigParam", config_id=number)
        assert config["@type"] == "configInfo"
        assert config["config"]["bytes"]
