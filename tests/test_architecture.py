"""The house rules, as tests; each also turns red when somebody breaks it in a copy of the tree."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.house import floors, reading
from tests.house.rooms import PRODUCT, ROOT, sources

MONEY = ("payments", "referrals")
MEASURE_TIME = ("metrics", "tasks")  # gauges and beat intervals are floats by their libraries
MONEY_FILES = ("platform/core/money.py", "contracts/fees.py")


def test_imports_run_only_downwards() -> None:
    assert floors.imports() == []


def test_foreign_keys_run_only_downwards() -> None:
    assert floors.foreign_keys() == []


def test_platform_is_still_pythons_own_module() -> None:
    assert floors.stdlib() == []


def test_nothing_is_imported_late_to_dodge_the_floors() -> None:
    assert reading.late_imports(sources(ROOT, *PRODUCT)) == []


def test_money_never_meets_a_float() -> None:
    rooms = [path for path in sources(ROOT, *MONEY) if path.stem not in MEASURE_TIME]
    assert reading.floats([*rooms, *(ROOT / name for name in MONEY_FILES)]) == []


def test_states_move_only_behind_the_services_door() -> None:
    assert reading.state_writes(sources(ROOT, *PRODUCT)) == []


def test_files_and_functions_stay_short() -> None:
    assert reading.too_long([*sources(ROOT, *PRODUCT, "deploy"), ROOT / "manage.py"]) == []


def test_no_module_is_a_drawer_for_everything() -> None:
    assert reading.magnets(sources(ROOT, *PRODUCT, "deploy")) == []


# --- the checks themselves: a planted offence turns them red ------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Python files of the tree, to be spoilt."""
    named = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.py", "*.toml"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, named.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def verdict(root: Path, check: str) -> tuple[bool, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.floors", check],
        cwd=root,
        capture_output=True,
        text=True,
    )
    return done.returncode == 0, done.stdout + done.stderr


def plant(path: Path, text: str) -> None:
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n\n{text}\n")


def test_the_copy_is_as_good_as_the_tree(copy: Path) -> None:
    for check in floors.CHECKS:
        good, said = verdict(copy, check)
        assert good, said


def test_an_upward_import_is_found(copy: Path) -> None:
    plant(copy / "catalog" / "selectors.py", "from payments import models as planted  # noqa")
    good, said = verdict(copy, "imports")
    assert not good
    assert "catalog is not allowed to import payments" in said


def test_an_upward_foreign_key_is_found(copy: Path) -> None:
    plant(
        copy / "catalog" / "models" / "plays.py",
        "class Planted(models.Model):\n"
        "    order = models.ForeignKey('payments.Order', on_delete=models.CASCADE)",
    )
    good, said = verdict(copy, "foreign_keys")
    assert not good
    assert "Planted.order: catalog points up to payments" in said


@pytest.mark.parametrize("name", ["__init__.py", "celery.py"])
def test_a_file_that_makes_platform_a_package_is_found(copy: Path, name: str) -> None:
    (copy / "platform" / name).touch()
    # A hidden `platform` breaks even the check's own imports: red either way.
    good, said = verdict(copy, "stdlib")
    assert not good
    assert "platform" in said


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (reading.late_imports, "def pay() -> None:\n    import catalog\n"),
        (reading.floats, "price = 0.1\n"),
        (reading.floats, "price = total / 3\n"),
        (reading.state_writes, "order.state = 'paid'\n"),
        (reading.state_writes, "orders.filter(id=1).update(state='paid')\n"),
        (reading.too_long, "def pay() -> None:\n" + "    pass\n" * reading.FUNCTION_LINES),
        (reading.too_long, "x = 1\n" * (reading.FILE_LINES + 1)),
    ],
)
def test_a_broken_rule_is_found(
    tmp_path: Path, check: Callable[[Iterable[Path]], list[str]], text: str
) -> None:
    path = tmp_path / "offence.py"
    path.write_text(text)
    assert check([path]) != []
