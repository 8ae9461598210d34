"""What happened to a gateway stays on record: the database itself keeps it."""

from django.db import migrations

from core.append_only import append_only


class Migration(migrations.Migration):
    replaces = [("media", "0002_recordings")]

    dependencies = [("media", "0001_initial"), ("core", "0002_append_only")]

    operations = [append_only("media_gatewayevent")]
