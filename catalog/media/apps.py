from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "catalog.media"
    label = "media"
    verbose_name = "Media"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.media import checks  # noqa: F401, PLC0415  registers them
