"""Likes, follows and playlists."""

import core.ids
import django.db.models.constraints
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from core.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_play_counts'),
        ('core', '0002_append_only'),
        ('media', '0004_gateway_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Playlist',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=100)),
                ('description', models.TextField(blank=True, max_length=500)),
                ('visibility', models.CharField(choices=[('private', 'Private'), ('unlisted', 'By link'), ('public', 'Public')], default='private', max_length=8)),
                ('share_token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.BigIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('changed_at', models.DateTimeField(auto_now_add=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('cover', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.asset')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='playlists', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PlaylistEdit',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('created', 'Created'), ('renamed', 'Renamed'), ('described', 'Described anew'), ('covered', 'Got another cover'), ('opened', 'Opened to others, or closed'), ('shared', 'Got a new link'), ('added', 'Track added'), ('removed', 'Track removed'), ('moved', 'Track moved'), ('invited', 'Invitation made'), ('uninvited', 'Invitation called back'), ('joined', 'Joined'), ('left', 'Left, or was sent away'), ('role', 'Got another role'), ('deleted', 'Deleted')], max_length=10)),
                ('place', models.PositiveSmallIntegerField(null=True)),
                ('value', models.CharField(blank=True, max_length=8)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='edits', to='catalog.playlist')),
                ('track', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.track')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PlaylistEntry',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('rank', models.CharField(db_collation='C', max_length=64)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='catalog.playlist')),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.track')),
            ],
            options={
                'ordering': ('rank',),
            },
        ),
        migrations.CreateModel(
            name='PlaylistInvitation',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('role', models.CharField(choices=[('viewer', 'May see it'), ('editor', 'May change what is in it'), ('owner', 'Owner')], max_length=8)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='catalog.playlist')),
            ],
        ),
        migrations.CreateModel(
            name='PlaylistMember',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('viewer', 'May see it'), ('editor', 'May change what is in it'), ('owner', 'Owner')], max_length=8)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
                ('playlist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='catalog.playlist')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='playlist_memberships', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to='catalog.artist')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follows', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='follow_of_user'), models.Index(fields=['artist', 'id'], name='follow_of_artist')],
                'constraints': [models.UniqueConstraint(fields=('user', 'artist'), name='follow_once')],
            },
        ),
        migrations.CreateModel(
            name='FollowCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.PositiveSmallIntegerField()),
                ('followers', models.BigIntegerField(default=0)),
                ('artist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_counts', to='catalog.artist')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('artist', 'part'), name='follow_count_part_once'), models.CheckConstraint(condition=models.Q(('followers__gte', 0)), name='follow_count_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Like',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='likes', to='catalog.track')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='likes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='like_of_user')],
                'constraints': [models.UniqueConstraint(fields=('user', 'track'), name='like_once')],
            },
        ),
        migrations.CreateModel(
            name='LikeCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.PositiveSmallIntegerField()),
                ('likes', models.BigIntegerField(default=0)),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='like_counts', to='catalog.track')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('track', 'part'), name='like_count_part_once'), models.CheckConstraint(condition=models.Q(('likes__gte', 0)), name='like_count_not_negative')],
            },
        ),
        migrations.AddIndex(
            model_name='playlist',
            index=models.Index(fields=['owner', '-id'], name='playlist_of_owner'),
        ),
        migrations.AddIndex(
            model_name='playlist',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('visibility', 'public')), fields=['-id'], name='playlist_public'),
        ),
        migrations.AddConstraint(
            model_name='playlist',
            constraint=models.CheckConstraint(condition=models.Q(('visibility__in', ['private', 'unlisted', 'public'])), name='playlist_visibility_known'),
        ),
        migrations.AddConstraint(
            model_name='playlist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), ('deleted_at__isnull', False), _connector='OR'), name='playlist_has_title'),
        ),
        migrations.AddIndex(
            model_name='playlistedit',
            index=models.Index(fields=['playlist', '-id'], name='playlist_log'),
        ),
        migrations.AddConstraint(
            model_name='playlistedit',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['created', 'renamed', 'described', 'covered', 'opened', 'shared', 'added', 'removed', 'moved', 'invited', 'uninvited', 'joined', 'left', 'role', 'deleted'])), name='playlist_edit_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='playlistentry',
            constraint=models.UniqueConstraint(fields=('playlist', 'track'), name='playlist_track_once'),
        ),
        migrations.AddConstraint(
            model_name='playlistentry',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('playlist', 'rank'), name='playlist_rank_once'),
        ),
        migrations.AddConstraint(
            model_name='playlistentry',
            constraint=models.CheckConstraint(condition=models.Q(('rank', ''), _negated=True), name='playlist_rank_given'),
        ),
        migrations.AddConstraint(
            model_name='playlistinvitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor'])), name='playlist_invitation_role_known'),
        ),
        migrations.AddConstraint(
            model_name='playlistinvitation',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='playlist_invitation_has_time'),
        ),
        migrations.AddConstraint(
            model_name='playlistinvitation',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('playlist',), name='playlist_one_invitation'),
        ),
        migrations.AddConstraint(
            model_name='playlistmember',
            constraint=models.UniqueConstraint(fields=('playlist', 'user'), name='playlist_member_once'),
        ),
        migrations.AddConstraint(
            model_name='playlistmember',
            constraint=models.UniqueConstraint(condition=models.Q(('role', 'owner')), fields=('playlist',), name='playlist_one_owner'),
        ),
        migrations.AddConstraint(
            model_name='playlistmember',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor', 'owner'])), name='playlist_role_known'),
        ),
        append_only('catalog_playlistedit'),
    ]
