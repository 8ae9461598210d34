"""A track's sound becomes a recording of its own; plays are counted."""

import django.db.models.deletion
from django.db import migrations, models

from core.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('media', '0002_recordings'),
        ('core', '0002_append_only'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='track',
            name='duration_ms',
        ),
        migrations.RemoveField(
            model_name='track',
            name='master',
        ),
        migrations.RemoveField(
            model_name='track',
            name='sample',
        ),
        migrations.RemoveField(
            model_name='track',
            name='waveform',
        ),
        migrations.AddField(
            model_name='release',
            name='clip',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset'),
        ),
        migrations.AddField(
            model_name='track',
            name='recording',
            field=models.OneToOneField(default=None, on_delete=django.db.models.deletion.PROTECT, related_name='track', to='media.recording'),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='Play',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('listener', models.CharField(max_length=80)),
                ('day', models.DateField()),
                ('whole', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plays', to='catalog.track')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('track', 'day', 'listener'), name='play_once_a_day')],
            },
        ),
        append_only('catalog_play'),
    ]
