from django.apps import AppConfig


class TonConfig(AppConfig):
    name = "core.ton"
    label = "ton"
    verbose_name = "TON"
    default_auto_field = "django.db.models.BigAutoField"
