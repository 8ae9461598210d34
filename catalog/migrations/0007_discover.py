"""The index of what can be found: `manage.py search_rebuild` fills it from an older shop."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_library'),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('track', 'Track'), ('release', 'Release'), ('artist', 'Artist'), ('playlist', 'Playlist')], max_length=8)),
                ('object', models.UUIDField()),
                ('artist', models.UUIDField(null=True)),
                ('release', models.UUIDField(null=True)),
                ('name', models.CharField(db_collation='C', max_length=160)),
                ('genre', models.CharField(blank=True, db_collation='C', max_length=60)),
                ('words', django.contrib.postgres.search.SearchVectorField()),
                ('weight', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.CharField(db_collation='C', max_length=40, primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], name='search_entry_words'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['-weight', '-id'], name='search_entry_heard'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['kind', '-weight', '-id'], name='search_entry_kind_heard'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['genre', '-weight', '-id'], name='search_entry_genre_heard'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['artist'], name='search_entry_artist'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['release'], name='search_entry_release'),
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.UniqueConstraint(fields=('kind', 'object'), name='search_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['track', 'release', 'artist', 'playlist'])), name='search_entry_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='searchentry',
            constraint=models.CheckConstraint(condition=models.Q(('weight__lte', 999)), name='search_entry_weight_small'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('word', name='gin_trgm_ops'), name='search_word_trigrams'),
        ),
    ]
