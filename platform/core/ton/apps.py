from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import autodiscover_modules

from core import health
from core.ton.checks import enough_sources, hub_is_an_address, liteservers_are_named


class TonConfig(AppConfig):
    name = "core.ton"
    label = "ton"
    verbose_name = "TON"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core.ton.readiness import readiness  # noqa: PLC0415  models are loaded only now

        health.register("follower", readiness)
        register(hub_is_an_address, Tags.security)
        register(enough_sources, Tags.security, deploy=True)
        register(liteservers_are_named, Tags.security, deploy=True)
        # Each room's chain.py registers its handlers (core.ton.door.on_message).
        autodiscover_modules("chain")
