"""What the referrals' room holds of a person: his code, who brought him, whom he brought."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from core import privacy
from referrals.models import Attribution, Code, FraudFlag

privacy.holds(Code)
privacy.holds(FraudFlag, kept="what was decided about a reward; addresses are taken out")
privacy.holds(Attribution, kept="rewards that were earned refer to it; it then names nobody")


@privacy.on_export("referrals")
def export(user_id: UUID) -> dict[str, Any]:
    """Of those whom he brought: when, and not who they are."""
    return {
        "code": Code.objects.filter(user_id=user_id).values("code", "created_at").first(),
        "brought_by_a_link": Attribution.objects.filter(user_id=user_id)
        .values("start_param", "created_at", "expires_at")
        .first(),
        "people_brought": list(
            Attribution.objects.filter(referrer_id=user_id).values("created_at", "expires_at")
        ),
    }


@privacy.on_erase("referrals")
def erase(user_id: UUID) -> None:
    Code.objects.filter(user_id=user_id).delete()
    Attribution.objects.filter(user_id=user_id).update(start_param="")
    about = Q(attribution__user_id=user_id) | Q(attribution__referrer_id=user_id)
    FraudFlag.objects.filter(about).update(evidence={})
