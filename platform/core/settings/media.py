"""Music and pictures: their keys, their places on IPFS, the tools that make them playable."""

from datetime import timedelta

from core.settings import env

# What wraps the keys of recordings for holders: "name:base64 of 32 bytes", the newest first.
MEDIA_MASTER_KEYS = env.keys("MEDIA_MASTER_KEYS")

# Artists' uploads: bytes of one file, and of all files of one artist that are here or on their way.
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_BYTES", 1_000_000_000)
UPLOAD_QUOTA_BYTES = env.number("UPLOAD_QUOTA_BYTES", 20_000_000_000)
# What nobody goes on with for so long is thrown away.
UPLOAD_LIFETIME = timedelta(hours=env.number("UPLOAD_LIFETIME_HOURS", 72))
