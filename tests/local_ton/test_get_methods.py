"""Get-methods over HTTP: every type of value in and out, and codes of failure."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pytoniq_core import Cell, begin_cell

from deploy.local.ton.client import GetMethodFailed, NetworkClient
from deploy.local.ton.render import boc64
from deploy.local.ton.tvm import method_id

CELL = begin_cell().store_uint(0xABC, 12).store_ref(Cell.empty()).end_cell()


def run(ton: NetworkClient, address: str, method: str | int, stack: list[Any]) -> dict[str, Any]:
    """Return toncenter's whole answer."""
    answer: dict[str, Any] = ton.call("runGetMethod", address=address, method=method, stack=stack)
    return answer


@pytest.mark.parametrize("number", ["5", 5, "0x5", "-0x7", "-7", str(-(2**255))])
def test_values_go_in_and_come_back(ton: NetworkClient, probe_address: str, number: Any) -> None:
    stack = [["num", number], ["tvm.Cell", boc64(CELL)], ["tvm.Slice", boc64(CELL)]]
    answer = run(ton, probe_address, "echo", stack)
    assert answer["exit_code"] == 0
    assert answer["gas_used"] > 0
    first, cell, cut = answer["stack"]
    assert first == ["num", hex(int(str(number), 0))]
    assert cell[0] == cut[0] == "cell"  # toncenter v2 answers slices as cells
    assert Cell.one_from_boc(base64.b64decode(cut[1]["bytes"])).hash == CELL.hash
    assert cell[1]["object"]["data"] == {"b64": "q8A=", "len": 12}
    assert len(cell[1]["object"]["refs"]) == 1


def test_a_cell_may_be_given_as_an_object(ton: NetworkClient, probe_address: str) -> None:
    tree = {"data": {"b64": "q8A=", "len": 12}, "refs": [{"data": {"b64": "", "len": 0}}]}
    stack = [["num", 1], ["cell", tree], ["slice", {"bytes": boc64(CELL)}]]
    answer = run(ton, probe_address, "echo", stack)
    returned = Cell.one_from_boc(base64.b64decode(answer["stack"][1][1]["bytes"]))
    assert returned.hash == CELL.hash


def test_null_and_tuples_have_their_own_forms(ton: NetworkClient, probe_address: str) -> None:
    number, null, pair = run(ton, probe_address, "mixed", [])["stack"]
    assert number == ["num", "-0x5"]
    assert null == ["list", {"@type": "tvm.list", "elements": []}]
    kinds = [element["@type"] for element in pair[1]["elements"]]
    assert pair[0] == "tuple"
    assert kinds == ["tvm.stackEntryNumber", "tvm.stackEntryCell"]


def test_a_method_may_be_called_by_number(ton: NetworkClient, probe_address: str) -> None:
    by_name = run(ton, probe_address, "mixed", [])["stack"]
    assert run(ton, probe_address, method_id("mixed"), [])["stack"] == by_name


def test_failures_are_codes_in_an_ok_answer(ton: NetworkClient, probe_address: str) -> None:
    assert run(ton, probe_address, "fail", [])["exit_code"] == 777
    assert run(ton, probe_address, "unheard_of", [])["exit_code"] == 11
    nobody = run(ton, "0:" + "77" * 32, "seqno", [])
    assert (nobody["exit_code"], nobody["stack"]) == (-13, [])
    with pytest.raises(GetMethodFailed) as failure:
        ton.run_get(probe_address, "fail")
    assert failure.value.exit_code == 777


def test_v3_names_slices(ton: NetworkClient, probe_address: str) -> None:
    stack = [
        {"type": "num", "value": "0x10"},
        {"type": "cell", "value": boc64(CELL)},
        {"type": "slice", "value": boc64(CELL)},
    ]
    body = {"address": probe_address, "method": "echo", "stack": stack}
    answer = ton.request("POST", "/api/v3/runGetMethod", body)
    assert [item["type"] for item in answer["stack"]] == ["num", "cell", "slice"]
    assert answer["stack"][0]["value"] == "0x10"
    assert answer["exit_code"] == 0
