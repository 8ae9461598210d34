"""What pages load is collected when it has changed, and only then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deploy.local import static

COLLECTED = "import os; open(os.environ['STATIC_ROOT'] + '/counted', 'a').write('x')"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose collectstatic only counts how often it ran."""
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a")
    monkeypatch.setenv("STATIC_ROOT", str(tmp_path / "root"))
    monkeypatch.setattr(static, "ROOT", tmp_path)
    monkeypatch.setattr(static, "SOURCES", ("css",))
    monkeypatch.setattr(static, "COLLECT", ("-c", COLLECTED))
    return tmp_path


def times(shop: Path) -> int:
    return len((shop / "root" / "counted").read_text())


def test_the_second_start_has_nothing_to_do(shop: Path) -> None:
    assert (static.main(), static.main()) == (0, 0)
    assert times(shop) == 1


def test_a_change_a_new_file_and_a_missing_one_are_seen(shop: Path) -> None:
    static.main()
    (shop / "css" / "a.css").write_text("ab")
    static.main()
    (shop / "css" / "b.css").touch()
    static.main()
    (shop / "css" / "b.css").unlink()
    static.main()
    assert times(shop) == 4


def test_what_failed_is_done_again(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(static, "COLLECT", ("-c", "raise SystemExit(3)"))
        assert static.main() == 3
    assert static.main() == 0
    assert times(shop) == 1


def test_a_removed_folder_is_filled_again(shop: Path) -> None:
    static.main()
    shutil.rmtree(shop / "root")
    assert static.main() == 0
    assert times(shop) == 1
