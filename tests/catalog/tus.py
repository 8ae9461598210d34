"""A client of tus 1.0 for these tests: headers as written, bodies as bytes."""

from __future__ import annotations

import base64
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from catalog.media.models import Upload
from catalog.models import Release
from tests.people import pages

ADDRESS = "/portal/uploads/"
BODY = "application/offset+octet-stream"


def b64(value: str | bytes) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def metadata(**said: str) -> str:
    return ",".join(f"{key} {b64(value)}" for key, value in said.items())


class Sender:
    """Somebody signed in who sends files for a release."""

    def __init__(self, user: User | None, release: Release) -> None:
        self.client: Client = pages(user)
        self.release = release

    def ask(
        self,
        method: str,
        path: str = ADDRESS,
        body: bytes = b"",
        content_type: str = BODY,
        version: str | None = "1.0.0",
        **headers: Any,
    ) -> HttpResponse:
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        if version is not None:
            named["Tus-Resumable"] = version
        sent = self.client.generic(method, path, body, content_type, headers=named)
        return cast("HttpResponse", sent)

    def begin(
        self, length: int, filename: str = "01 first_crossing.wav", **said: str
    ) -> HttpResponse:
        words = {"release": str(self.release.pk), "purpose": "audio", "filename": filename} | said
        return self.ask("POST", Upload_Length=length, Upload_Metadata=metadata(**words))

    def begun(self, length: int, **said: str) -> Upload:
        answer = self.begin(length, **said)
        assert answer.status_code == 201, answer.content
        return Upload.objects.get(pk=answer["Location"].rpartition("/")[2])

    def send(self, upload: Upload, offset: int, body: bytes, **headers: Any) -> HttpResponse:
        return self.ask("PATCH", address(upload), body, Upload_Offset=offset, **headers)

    def head(self, upload: Upload) -> HttpResponse:
        return self.ask("HEAD", address(upload))


def address(upload: Upload) -> str:
    return f"{ADDRESS}{upload.pk}"
