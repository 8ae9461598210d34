"""Music and pictures: their keys, their places on IPFS, the tools that make them playable."""

from datetime import timedelta

from kombu import Queue

from core.settings import env

# What wraps the keys of recordings for holders: "name:base64 of 32 bytes", the newest first.
MEDIA_MASTER_KEYS = env.keys("MEDIA_MASTER_KEYS")

# Artists' uploads: bytes of one file, and of all files of one artist that are here or on their way.
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_BYTES", 1_000_000_000)
UPLOAD_QUOTA_BYTES = env.number("UPLOAD_QUOTA_BYTES", 20_000_000_000)
# What nobody goes on with for so long is thrown away.
UPLOAD_LIFETIME = timedelta(hours=env.number("UPLOAD_LIFETIME_HOURS", 72))

# --- where our bytes are kept on IPFS (core.ipfs.pinning) --------------------------------------
IPFS_API = env.text("IPFS_API", "").rstrip("/")  # a Kubo node's RPC; admin power, never public
IPFS_REPLICAS = env.number("IPFS_REPLICAS", 2)  # pins of each file before a drop can go live
PINATA_JWT = env.text("PINATA_JWT", "")
PINATA_API_URL = env.text("PINATA_API_URL", "https://api.pinata.cloud").rstrip("/")
PINATA_UPLOAD_URL = env.text("PINATA_UPLOAD_URL", "https://uploads.pinata.cloud").rstrip("/")
# Services of the IPFS Pinning Service API, which fetch from our node: "name=url", "name=token".
IPFS_PINNING = env.named("IPFS_PINNING")
IPFS_PINNING_TOKENS = env.named("IPFS_PINNING_TOKENS")
IPFS_ORIGINS = env.words("IPFS_ORIGINS")  # multiaddrs under which they find our node
IPFS_UNPIN_DAYS = env.number("IPFS_UNPIN_DAYS", 14)  # from "release" to unpinning

# Who gives our bytes back: "name=https://host", asked in this order; "name:files=" for one that
# gives whole files and parts of them but no single blocks. Tokens: "name=token".
IPFS_GATEWAYS = env.words("IPFS_GATEWAYS", "")
IPFS_GATEWAY_TOKENS = env.named("IPFS_GATEWAY_TOKENS")
# Where bytes are looked for after the cache: in our own storage first, or at the gateways first.
MEDIA_ORIGIN = env.choice("MEDIA_ORIGIN", frozenset({"storage", "gateways"}), "storage")
MEDIA_CACHE_BYTES = env.number("MEDIA_CACHE_BYTES", 5_000_000_000)
# A location of nginx that may read MEDIA_CACHE_DIR ("/protected-media"); "": we send all bytes.
MEDIA_ACCEL_PREFIX = env.text("MEDIA_ACCEL_PREFIX", "").rstrip("/")
# --- what makes music playable -------------------------------------------------------------------
# Work that keeps a processor busy for minutes stands in a queue of its own: a worker takes both,
# unless it is told which (`-Q default`, `-Q media`), so that money need not wait for music.
CELERY_TASK_QUEUES = (Queue("default", routing_key="default"), Queue("media", routing_key="media"))
CELERY_TASK_ROUTES = {
    "media.recording_work": {"queue": "media"},
    "media.renditions_due": {"queue": "media"},
    "catalog.cover_take": {"queue": "media"},
}
FFMPEG = env.text("FFMPEG", "")  # path of the program; "" = the one that imageio-ffmpeg brings
# Where files lie while they are worked on: room for a few uploads; "" = the system's own.
MEDIA_SCRATCH_DIR = env.text("MEDIA_SCRATCH_DIR", "")
