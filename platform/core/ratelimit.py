"""Token buckets in Redis."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView


class TokenBucketThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        del request, view
        return True
