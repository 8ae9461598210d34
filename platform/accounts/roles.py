"""Staff roles: groups whose permissions rooms grant in their `desk.py`.

`manage.py roles` (run after `migrate`) brings the groups in line with what is granted.
"""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet

from core.desk.registry import grants

OWNER: Final = "owner"
SUPPORT: Final = "support"
MODERATOR: Final = "moderator"
FINANCE: Final = "finance"
OPERATOR: Final = "operator"
ROLES: Final = (MODERATOR, FINANCE, OPERATOR, SUPPORT, OWNER)


class UnknownGrant(LookupError):
    """A room grants to a role that does not exist, or a permission that does not."""


def roles_sync() -> dict[str, int]:
    """Give every role exactly what is granted to it; the number of permissions by role.

    The owner may do everything, support may look at everything. Raises UnknownGrant.
    """
    if strangers := grants().keys() - set(ROLES):
        raise UnknownGrant(f"no such role: {', '.join(sorted(strangers))}")
    with transaction.atomic():
        return {role: _sync(role) for role in ROLES}


def _sync(role: str) -> int:
    group, _ = Group.objects.get_or_create(name=role)
    allowed = {permission.pk for permission in _allowed(role)}
    group.permissions.set(allowed)
    return len(allowed)


def _allowed(role: str) -> list[Permission]:
    everything: QuerySet[Permission] = Permission.objects.select_related("content_type")
    if role == OWNER:
        return list(everything)
    named = {f"{one.content_type.app_label}.{one.codename}": one for one in everything}
    wanted = grants().get(role, frozenset())
    if missing := wanted - named.keys():
        raise UnknownGrant(f"no such permission: {', '.join(sorted(missing))}")
    found = [named[name] for name in sorted(wanted)]
    if role == SUPPORT:
        found += [one for one in everything if one.codename.startswith("view_")]
    return found
