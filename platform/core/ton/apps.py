from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TonConfig(AppConfig):
    name = "core.ton"
    label = "ton"
    verbose_name = "TON"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core.health import register  # noqa: PLC0415  models are loaded only now
        from core.ton.follower import readiness  # noqa: PLC0415

        register("follower", readiness)
        # Each room's chain.py registers its handlers (core.ton.door.on_message).
        autodiscover_modules("chain")
