"""Chores of media: each calls one service."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.conf import settings

from catalog.media import cache, services
from catalog.media.confine import sweep
from catalog.media.services import gateway_probes, gateways
from core.celery_app import Schedule
from core.outbox.services import consumer


@consumer("media.recording_work", atomic=False)
def recording_work(recording: str) -> None:
    """An artist's file has arrived, or something of it is to be made anew."""
    services.recording_work(recording=UUID(recording))


@shared_task(name="media.recordings_pick_up")
def recordings_pick_up() -> int:
    """Take up what a killed worker left, and its folder; how many recordings."""
    sweep(settings.MEDIA_SCRATCH_DIR)
    return services.recordings_pick_up()


@shared_task(name="media.renditions_due")
def renditions_due() -> int:
    """Covers in the sizes that pages ask for."""
    return services.renditions_due()


@shared_task(name="media.uploads_sweep")
def uploads_sweep() -> int:
    """Throw away what nobody went on with; how many ended."""
    return services.uploads_sweep()


@shared_task(name="media.pins_work")
def pins_work() -> int:
    """See to the pins that are due; how many were."""
    return services.pins_work()


@shared_task(name="media.gateways_probe")
def gateways_probe() -> dict[str, str]:
    """Also takes up what IPFS_GATEWAYS has new, so that a deployment needs no step of its own."""
    gateways.gateways_sync()
    return gateway_probes.gateways_probe()


@shared_task(name="media.gateway_minutes_flush")
def gateway_minutes_flush() -> int:
    return gateways.minutes_flush()


@shared_task(name="media.gateway_minutes_sweep")
def gateway_minutes_sweep() -> int:
    return gateways.minutes_sweep()


@shared_task(name="media.cache_sweep")
def cache_sweep() -> int:
    return cache.sweep()


BEAT: Schedule = {
    "media-uploads-sweep": {"task": "media.uploads_sweep", "schedule": 600.0},
    "media-recordings-pick-up": {"task": "media.recordings_pick_up", "schedule": 60.0},
    "media-renditions-due": {"task": "media.renditions_due", "schedule": 20.0},
    "media-pins-work": {"task": "media.pins_work", "schedule": 2.0},
    "media-gateways-probe": {"task": "media.gateways_probe", "schedule": 30.0},
    "media-gateway-minutes-flush": {"task": "media.gateway_minutes_flush", "schedule": 20.0},
    "media-gateway-minutes-sweep": {"task": "media.gateway_minutes_sweep", "schedule": 86_400.0},
    "media-cache-sweep": {"task": "media.cache_sweep", "schedule": 300.0},
}
