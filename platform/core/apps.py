from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from core import logs, sentry


class CoreConfig(AppConfig):
    name = "core"
    label = "core"
    verbose_name = "Ground"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import checks  # noqa: F401, PLC0415  registers itself; needs loaded apps
        from core.inbox import services as inbox  # noqa: PLC0415  models are loaded only now
        from core.telegram import router  # noqa: PLC0415  likewise

        logs.configure(pretty=settings.DEVELOPMENT, level=settings.LOG_LEVEL)
        sentry.start()
        # The rooms' doors. core/urls.py does the same for admin.py.
        autodiscover_modules("metrics", "live", "desk", "telegram", "privacy", "openings")
        inbox.register(router.SOURCE, verify=router.verified, apply=router.apply)
