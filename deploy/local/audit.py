"""`make audit`: deployment checks, then known holes in the locked Python and npm packages."""

import os
import subprocess
import sys

from deploy.local import node
from deploy.local.process import ROOT

# Names only have to be well formed for the checks; nothing is contacted.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "core.settings.prod",
    "SECRET_KEY": "Audit-Only_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "MEDIA_MASTER_KEYS": f"audit:{'A' * 43}=",
    "DATABASE_URL": "postgres://tonality_app@db.invalid/tonality",
    "REDIS_URL": "redis://redis.invalid/0",
    "PUBLIC_URL": "https://shop.invalid",
    "WS_URL": "wss://shop.invalid/ws/",
    "TON_ENDPOINTS": "https://one.invalid/api/v2/,https://two.invalid/api/v2/",
    "ALLOWED_HOSTS": "shop.invalid",
    "TELEGRAM_BOT_TOKEN": "1234567890:audit",
    "TON_HUB_ADDRESS": "0:" + "11" * 32,
}
PIP_AUDIT = "pip-audit==2.10.0"


def main() -> int:
    """0 when every scan is clean."""
    uv = str(ROOT / ".venv" / "bin" / "uv")
    audit = [uv, "tool", "run", "-q", "--from", PIP_AUDIT, "pip-audit"]
    audit += ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--strict"]
    scans = {
        "Django's deployment checks": [
            sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        ],
        "security rules of ruff": [sys.executable, "-m", "ruff", "check", "--select", "S", "."],
        "requirements.txt": [*audit, "-r", "requirements.txt"],
        "requirements-dev.txt": [*audit, "-r", "requirements-dev.txt"],
        "the Mini App's packages": node.command("npm", "audit", "--prefix", str(node.MINIAPP)),
    }  # fmt: skip
    failed = [title for title, command in scans.items() if not _clean(title, command)]
    print(f"found something in: {', '.join(failed)}" if failed else "nothing found", flush=True)
    return 1 if failed else 0


def _clean(title: str, command: list[str]) -> bool:
    print(f"--- {title}", flush=True)
    return subprocess.run(command, cwd=ROOT, env=node.environ() | _production()).returncode == 0


def _production() -> dict[str, str]:
    return PRODUCTION | {"HOME": os.environ.get("HOME", "/")}


if __name__ == "__main__":
    sys.exit(main())
