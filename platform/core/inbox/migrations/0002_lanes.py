from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inbox", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="inboxevent",
            name="lane",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="inboxevent",
            name="number",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        AddIndexConcurrently(
            model_name="inboxevent",
            index=models.Index(
                condition=models.Q(("number__isnull", False)),
                fields=["lane", "number"],
                name="inbox_lane",
            ),
        ),
    ]
