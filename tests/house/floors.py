"""Checks of the whole tree: imports, foreign keys, and the name that must stay free.

Each returns what is wrong, one line each, and can be run on a copy of the tree as a program:

    python -m tests.house.floors imports|foreign_keys|stdlib
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import django
from django.apps import apps
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import deploy  # noqa: F401  puts platform/ on sys.path
from tests.house.rooms import ROOT, may_lean_on


def imports() -> list[str]:
    """Upward imports, as import-linter sees them; it prints the chain itself."""
    os.chdir(ROOT)
    good = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    return [] if good == EXIT_STATUS_SUCCESS else ["a contract of import-linter is broken"]


def foreign_keys() -> list[str]:
    """Relations from a lower room to a higher one, or between two rooms of one floor."""
    rooms = {config.label: config.name.partition(".")[0] for config in apps.get_app_configs()}
    ours = {label: room for label, room in rooms.items() if _is_ours(room)}
    problems = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in ours:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and field.concrete else None
            if target is None or isinstance(target, str) or target._meta.app_label not in ours:
                continue
            here, there = ours[model._meta.app_label], ours[target._meta.app_label]
            if not may_lean_on(here, there):
                problems.append(f"{model.__name__}.{field.name}: {here} points up to {there}")
    return problems


def _is_ours(room: str) -> bool:
    return (ROOT / room).is_dir() or (ROOT / "platform" / room).is_dir()


def stdlib() -> list[str]:
    """`platform` stays Python's own module: our folder of that name is a source root."""
    folder = ROOT / "platform"
    loose = [f"platform/{path.name} hides a module" for path in sorted(folder.glob("*.py"))]
    ask = "import platform; print(platform.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, text=True, capture_output=True
    ).stdout.strip()
    standard = Path(sysconfig.get_path("stdlib")).resolve()
    if not said or Path(said).resolve().parent != standard:
        loose.append(f"`import platform` at the root gives {said or 'an error'}")
    return loose


CHECKS = {"imports": imports, "foreign_keys": foreign_keys, "stdlib": stdlib}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.test")
    if sys.argv[1] == "foreign_keys":
        django.setup()
    problems = CHECKS[sys.argv[1]]()
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
