"""The committed code is what the sources compile to, and the sources keep the ground rules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytoniq_core import Cell

from contracts import codes, errors, fees, opcodes
from contracts.compile import CONTRACTS, SOURCES, CompileError, build, compile_sources, main, render

TEXT = {path.name: path.read_text() for path in SOURCES.glob("*.fc")}
CODE = {name: re.sub(r";;.*", "", text) for name, text in TEXT.items()}


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_sources_compile_to_the_committed_code(name: str) -> None:
    committed = (codes.BUILD / f"{name}.json").read_text()
    assert render(build(name)) == committed
    assert codes.code_hash(name) == json.loads(committed)["code_hash"]


def test_check_reports_a_stale_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    assert main(["--out", str(tmp_path), "--check"]) == 0
    (tmp_path / "item.json").write_text("{}")
    assert main(["--out", str(tmp_path), "--check"]) == 1
    assert "item" in capsys.readouterr().err


def test_a_compile_error_shows_what_the_compiler_said(tmp_path: Path) -> None:
    source = tmp_path / "broken.fc"
    source.write_text("() recv_internal() { nonsense }")
    with pytest.raises(CompileError, match="nonsense"):
        compile_sources([source])


def test_code_that_does_not_match_its_hash_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads((codes.BUILD / "item.json").read_text())
    record["code_hash"] = "00" * 32
    (tmp_path / "item.json").write_text(json.dumps(record))
    monkeypatch.setattr(codes, "BUILD", tmp_path)
    codes.code.cache_clear()
    with pytest.raises(RuntimeError, match="disagree"):
        codes.code("item")
    codes.code.cache_clear()


def test_a_code_cell_is_recognised() -> None:
    assert codes.name_of(codes.code("hub")) == "hub"
    assert codes.name_of(Cell.empty()) is None


def test_error_codes_are_the_same_in_python() -> None:
    found = dict(re.findall(r"const int error::(\w+) = (\w+);", CODE["errors.fc"]))
    assert {name: int(code, 0) for name, code in found.items()} == {
        error.name: error.code for error in errors.ERRORS.values()
    }
    assert all(code >= 256 for code in errors.ERRORS)


def test_operation_codes_are_the_same_in_python() -> None:
    found = re.findall(r"const int op::(\w+) = (\w+);", CODE["opcodes.fc"])
    assert {int(code, 0): name for name, code in found} == opcodes.NAMES


def test_fee_constants_are_the_same_in_python() -> None:
    for contract, name, value in re.findall(r"const int (\w+)::(\w+) = (\d+);", CODE["fees.fc"]):
        assert getattr(fees, f"{contract}_{name}".upper()) == int(value)


def test_no_contract_takes_externals_or_changes_its_code() -> None:
    everything = "\n".join(CODE.values()).lower()
    for forbidden in ("recv_external", "set_code", "setcode", "accept_message", "setlib"):
        assert forbidden not in everything


def test_every_send_and_reserve_bounces_when_it_fails() -> None:
    """Mode +16 on every action, never +2: 17 = pay apart, 80 = the value, 144 = the rest."""
    for name, text in CODE.items():
        for mode in re.findall(r"raw_reserve\([^;]*?,\s*(\d+)\);", text):
            assert mode == "16", name
        for call in re.findall(r"send_message\((.*?)\);", text, re.DOTALL):
            assert call.rstrip().rsplit(",", 1)[1].strip() in {"17", "80", "144"}, name


def test_helpers_that_act_are_impure() -> None:
    for name, text in CODE.items():
        for head in re.findall(r"^\(\) [\w:]+\([^)]*\)([^{;]*)[{;]", text, re.MULTILINE):
            assert "impure" in head or "method_id" in head, name


def test_the_wrappers_need_no_compiler() -> None:
    """Product images do not contain tonpy."""
    program = (
        "import sys; sys.modules['tonpy'] = None\n"
        "from contracts import codes, collection, compile, decode, hub, item, splitter\n"
        "assert compile.Fift is None and codes.code('item')"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_readme_names_every_hash_operation_and_error() -> None:
    text = (SOURCES.parent / "README.md").read_text()
    for name in CONTRACTS:
        assert codes.code_hash(name) in text
    for name in opcodes.NAMES.values():
        assert f"`{name}`" in text
    for code in errors.ERRORS:
        assert f"| {code} |" in text
