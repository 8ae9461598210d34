"""How often each track was heard, kept beside the plays: a drop's page counts no rows."""

import django.db.models.deletion
from django.db import migrations, models


def count_plays(apps, schema_editor):
    counts = apps.get_model("catalog", "Play").objects.values_list("track").annotate(models.Count("id"))
    apps.get_model("catalog", "PlayCount").objects.bulk_create(
        [apps.get_model("catalog", "PlayCount")(track_id=track, plays=plays) for track, plays in counts]
    )


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_recordings'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlayCount',
            fields=[
                ('track', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='play_count', serialize=False, to='catalog.track')),
                ('plays', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('plays__gte', 0)), name='play_count_not_negative')],
            },
        ),
        migrations.RunPython(count_plays, migrations.RunPython.noop),
    ]
