"""Artists, releases and tracks; plays, likes, follows and playlists; search; who is verified.

The history before the first release, in one.
"""

import uuid

import core.ids
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.constraints
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # With 0001_initial, whose name it has: a database that has them all counts as migrated.
    replaces = [
        ('catalog', '0005_play_counts'),
        ('catalog', '0006_library'),
        ('catalog', '0007_discover'),
        ('catalog', '0007_discover_plays'),
        ('catalog', '0008_verification'),
    ]

    dependencies = [
        ('media', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Before the index of trigrams, which needs it.
        TrigramExtension(),
        migrations.CreateModel(
            name='Artist',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='artists', to=settings.AUTH_USER_MODEL)),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('bio', models.TextField(blank=True, max_length=4000)),
                ('links', models.JSONField(blank=True, default=list)),
                ('picture', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='media.asset')),
                ('status', models.CharField(choices=[('active', 'Active'), ('hidden', 'Hidden')], default='active', max_length=16)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'permissions': (('manage_artist', "Can publish in the artist's name"), ('verify_artist', 'Can say that an artist is who they say')),
                'indexes': [
                    models.Index(fields=['status', '-id'], name='artist_list'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('status__in', ['active', 'hidden'])), name='artist_status_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='catalog.artist')),
                ('slug', models.SlugField(max_length=100)),
                ('title', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True, max_length=500)),
                ('genre', models.CharField(blank=True, max_length=40)),
                ('cover', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('metadata', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('clip', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('colour_deep', models.CharField(default='#1c1c24', max_length=7)),
                ('colour_bright', models.CharField(default='#7c5cff', max_length=7)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=16)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('artist', 'slug'), name='release_slug_per_artist'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'published', 'withdrawn'])), name='release_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('cover__isnull', False), ('metadata__isnull', False), ('published_at__isnull', False)), _connector='OR'), name='release_published_is_complete'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Track',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tracks', to='catalog.release')),
                ('position', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('isrc', models.CharField(blank=True, max_length=12)),
                ('recording', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='track', to='media.recording')),
            ],
            options={
                'ordering': ('position',),
                'constraints': [
                    models.UniqueConstraint(fields=('release', 'position'), name='track_position_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Like',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='likes', to=settings.AUTH_USER_MODEL)),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='likes', to='catalog.track')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['user', '-id'], name='like_of_user'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'track'), name='like_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to=settings.AUTH_USER_MODEL)),
                ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to='catalog.artist')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['user', '-id'], name='follow_of_user'),
                    models.Index(fields=['artist', 'id'], name='follow_of_artist'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('user', 'artist'), name='follow_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LikeCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='like_counts', to='catalog.track')),
                ('part', models.PositiveSmallIntegerField()),
                ('likes', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('track', 'part'), name='like_count_part_once'),
                    models.CheckConstraint(condition=models.Q(('likes__gte', 0)), name='like_count_not_negative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FollowCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_counts', to='catalog.artist')),
                ('part', models.PositiveSmallIntegerField()),
                ('followers', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('artist', 'part'), name='follow_count_part_once'),
                    models.CheckConstraint(condition=models.Q(('followers__gte', 0)), name='follow_count_not_negative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Playlist',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='playlists', to=settings.AUTH_USER_MODEL)),
                ('title', models.CharField(max_length=100)),
                ('description', models.TextField(blank=True, max_length=500)),
                ('visibility', models.CharField(choices=[('private', 'Private'), ('unlisted', 'By link'), ('public', 'Public')], default='private', max_length=8)),
                ('share_token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('cover', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('version', models.BigIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now_add=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['owner', '-id'], name='playlist_of_owner'),
                    models.Index(condition=models.Q(('deleted_at__isnull', True), ('visibility', 'public')), fields=['-id'], name='playlist_public'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('visibility__in', ['private', 'unlisted', 'public'])), name='playlist_visibility_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), ('deleted_at__isnull', False), _connector='OR'), name='playlist_has_title'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PlaylistEntry',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='catalog.playlist')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.track')),
                ('rank', models.CharField(db_collation='C', max_length=64)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ('rank',),
                'constraints': [
                    models.UniqueConstraint(fields=('playlist', 'track'), name='playlist_track_once'),
                    models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('playlist', 'rank'), name='playlist_rank_once'),
                    models.CheckConstraint(condition=models.Q(('rank', ''), _negated=True), name='playlist_rank_given'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PlaylistMember',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='catalog.playlist')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='playlist_memberships', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(choices=[('viewer', 'May see it'), ('editor', 'May change what is in it'), ('owner', 'Owner')], max_length=8)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('playlist', 'user'), name='playlist_member_once'),
                    models.UniqueConstraint(condition=models.Q(('role', 'owner')), fields=('playlist',), name='playlist_one_owner'),
                    models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor', 'owner'])), name='playlist_role_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PlaylistInvitation',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='catalog.playlist')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('role', models.CharField(choices=[('viewer', 'May see it'), ('editor', 'May change what is in it'), ('owner', 'Owner')], max_length=8)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor'])), name='playlist_invitation_role_known'),
                    models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='playlist_invitation_has_time'),
                    models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('playlist',), name='playlist_one_invitation'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PlaylistEdit',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='edits', to='catalog.playlist')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('created', 'Created'), ('renamed', 'Renamed'), ('described', 'Described anew'), ('covered', 'Got another cover'), ('opened', 'Opened to others, or closed'), ('shared', 'Got a new link'), ('added', 'Track added'), ('removed', 'Track removed'), ('moved', 'Track moved'), ('invited', 'Invitation made'), ('uninvited', 'Invitation called back'), ('joined', 'Joined'), ('left', 'Left, or was sent away'), ('role', 'Got another role'), ('deleted', 'Deleted')], max_length=10)),
                ('track', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.track')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('place', models.PositiveSmallIntegerField(null=True)),
                ('value', models.CharField(blank=True, max_length=8)),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['playlist', '-id'], name='playlist_log'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind__in', ['created', 'renamed', 'described', 'covered', 'opened', 'shared', 'added', 'removed', 'moved', 'invited', 'uninvited', 'joined', 'left', 'role', 'deleted'])), name='playlist_edit_kind_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Play',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plays', to='catalog.track')),
                ('listener', models.CharField(max_length=80)),
                ('day', models.DateField()),
                ('whole', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [
                    # What is heard these days, and what somebody heard last: found without reading all plays.
                    models.Index(fields=['day', 'track'], name='play_of_day'),
                    models.Index(fields=['listener', '-id'], name='play_of_listener'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('track', 'day', 'listener'), name='play_once_a_day'),
                ],
            },
        ),
        # How often each track was heard, kept beside the plays: a drop's page counts no rows.
        migrations.CreateModel(
            name='PlayCount',
            fields=[
                ('track', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='play_count', serialize=False, to='catalog.track')),
                ('plays', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('plays__gte', 0)), name='play_count_not_negative'),
                ],
            },
        ),
        # The index of what can be found: `manage.py search_rebuild` fills it.
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
            options={
                'indexes': [
                    django.contrib.postgres.indexes.GinIndex(fields=['words'], name='search_entry_words'),
                    models.Index(fields=['-weight', '-id'], name='search_entry_heard'),
                    models.Index(fields=['kind', '-weight', '-id'], name='search_entry_kind_heard'),
                    models.Index(fields=['genre', '-weight', '-id'], name='search_entry_genre_heard'),
                    models.Index(fields=['artist'], name='search_entry_artist'),
                    models.Index(fields=['release'], name='search_entry_release'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'object'), name='search_entry_once'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['track', 'release', 'artist', 'playlist'])), name='search_entry_kind_known'),
                    models.CheckConstraint(condition=models.Q(('weight__lte', 999)), name='search_entry_weight_small'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('word', models.CharField(db_collation='C', max_length=40, primary_key=True, serialize=False)),
            ],
            options={
                'indexes': [
                    django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('word', name='gin_trgm_ops'), name='search_word_trigrams'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to=settings.AUTH_USER_MODEL)),
                ('artist', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='verifications', to='catalog.artist')),
                ('name', models.CharField(max_length=120)),
                ('links', models.JSONField(blank=True, default=list)),
                ('proof', models.TextField(blank=True, max_length=4000)),
                ('state', models.CharField(choices=[('draft', 'Being written'), ('submitted', 'Waits for us'), ('in_review', 'Somebody looks at it'), ('more_info', 'We asked for more'), ('approved', 'Verified'), ('rejected', 'Not verified'), ('revoked', 'Taken back')], default='draft', max_length=10)),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answer', models.TextField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-id',),
                'permissions': (('decide_verification', 'Can decide who is verified as an artist'),),
                'indexes': [
                    models.Index(condition=models.Q(('state__in', ('submitted', 'in_review'))), fields=['submitted_at'], name='verification_queue'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'submitted', 'in_review', 'more_info', 'approved', 'rejected', 'revoked'))), name='verification_state_known'),
                    models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'submitted', 'in_review', 'more_info'))), fields=('user',), name='verification_one_open'),
                    models.CheckConstraint(condition=models.Q(('state', 'draft'), ('submitted_at__isnull', False), _connector='OR'), name='verification_submitted_since'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('in_review', 'approved', 'rejected')), _negated=True), ('reviewer__isnull', False), _connector='OR'), name='verification_has_reviewer'),
                ],
            },
        ),
        migrations.CreateModel(
            name='VerificationFile',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('verification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='catalog.verification')),
                ('filename', models.CharField(max_length=120)),
                ('media_type', models.CharField(max_length=40)),
                ('content', models.BinaryField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
    ]
