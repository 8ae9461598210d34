from django.apps import AppConfig


class NftConfig(AppConfig):
    name = "nft"
    label = "nft"
    verbose_name = "Drops"
    default_auto_field = "django.db.models.BigAutoField"
