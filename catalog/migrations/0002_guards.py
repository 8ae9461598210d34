"""Plays and what was done to a playlist stay on record: the database itself keeps them."""

from django.db import migrations

from core.append_only import append_only


class Migration(migrations.Migration):
    replaces = [("catalog", "0002_recordings")]

    dependencies = [("catalog", "0001_initial"), ("core", "0002_append_only")]

    operations = [
        append_only("catalog_play"),
        append_only("catalog_playlistedit"),
    ]
