"""What the Bot API takes in messages and inline answers, and how it refuses the rest.

core.telegram.org/bots/api: sendMessage, InlineKeyboardButton, answerInlineQuery, InlineQueryResult.
Unknown fields are refused, though the real one ignores some: a slip of a name must not pass here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.local.sandbox.frame import Refuse

MESSAGE: Final = frozenset(
    {"chat_id", "text", "parse_mode", "reply_markup", "link_preview_options"}
)
_TAGS: Final = frozenset(
    ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote")
)
_ACTIONS: Final = (
    "url",
    "callback_data",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
)
_COMMON: Final = frozenset({"type", "id", "reply_markup", "input_message_content"})
_CAPTION: Final = frozenset({"caption", "parse_mode"})
_THUMB: Final = frozenset({"thumbnail_url", "thumbnail_width", "thumbnail_height"})
_PHOTO: Final = frozenset({"photo_url", "thumbnail_url", "photo_width", "photo_height"})
_RESULTS: Final[Mapping[str, frozenset[str]]] = {
    "article": _COMMON | _THUMB | {"title", "url", "description"},
    "audio": _COMMON | _CAPTION | {"audio_url", "title", "performer", "audio_duration"},
    "photo": _COMMON | _CAPTION | _PHOTO | {"title", "description"},
}
_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "article": frozenset({"title", "input_message_content"}),
    "audio": frozenset({"audio_url", "title"}),
    "photo": frozenset({"photo_url", "thumbnail_url"}),
}


def refusal(code: int, text: str) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": text}


def bad(text: str) -> Refuse:
    return Refuse(400, refusal(400, f"Bad Request: {text}"))


def forbidden(text: str) -> Refuse:
    return Refuse(403, refusal(403, f"Forbidden: {text}"))


def only(given: Mapping[str, Any], allowed: frozenset[str] | set[str]) -> None:
    if set(given) - allowed:
        raise bad(f"unknown fields {sorted(set(given) - allowed)}")


class _Entities(HTMLParser):
    """The HTML of parse_mode: known tags, closed in order. `text`: what is left to read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS or (attrs and tag != "a"):
            raise bad(f'can\'t parse entities: unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise bad(f'can\'t parse entities: unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.text += data


def read_text(text: Any, parse_mode: Any, longest: int) -> str:
    """The text after entities, 1 to `longest` characters."""
    if not isinstance(text, str) or parse_mode not in (None, "HTML"):
        raise bad(
            "message text is empty" if parse_mode in (None, "HTML") else "unsupported parse_mode"
        )
    if parse_mode == "HTML":
        parser = _Entities()
        parser.feed(text)
        parser.close()
        if parser.open:
            raise bad(f"can't parse entities: can't find end tag \"{parser.open[-1]}\"")
        text = parser.text
    if not 1 <= len(text) <= longest:
        raise bad("message text is empty or too long")
    return str(text)


def message_fields(given: Mapping[str, Any], allowed: frozenset[str] = MESSAGE) -> None:
    """Raises Refuse as the Bot API does."""
    only(given, allowed)
    if not isinstance(given.get("chat_id"), int):
        raise bad("chat not found")
    read_text(given.get("text"), given.get("parse_mode"), 4096)
    keyboard(given, private=True)


def rows_of(given: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Its buttons, flat."""
    rows = ((given or {}).get("reply_markup") or {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def keyboard(given: Mapping[str, Any], *, private: bool) -> None:
    """private: the chat with the bot, where alone a button may open the Mini App by itself."""
    only(given.get("reply_markup") or {}, {"inline_keyboard"})
    for button in rows_of(given):
        action = next((name for name in _ACTIONS if name in button), "")
        if not button.get("text") or set(button) != {"text", action}:
            raise bad("inline keyboard button must have text and exactly one action")
        if action == "callback_data" and not 1 <= len(str(button[action]).encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
        if action == "web_app":
            if not private:
                raise bad("BUTTON_TYPE_INVALID")
            web_app(button[action])
        if action == "url":
            public(button[action], "BUTTON_URL_INVALID")


def web_app(given: Any) -> None:
    if not isinstance(given, dict) or set(given) != {"url"}:
        raise bad("Web App URL is invalid")
    public(given["url"], "Web App URL is invalid: only HTTPS links are allowed")


def public(url: Any, why: str) -> str:
    """An https address; on this machine http is as good."""
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    local = parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        raise bad(why)
    return str(url)


def inline_result(given: Any) -> None:
    """One InlineQueryResult. Raises Refuse."""
    kind = str(given.get("type")) if isinstance(given, dict) else ""
    if kind not in _RESULTS:
        raise bad("RESULT_TYPE_INVALID")
    only(given, _RESULTS[kind])
    if not _NEEDED[kind] <= set(given):
        raise bad(f"{kind}: {sorted(_NEEDED[kind] - set(given))} missing")
    if not isinstance(given.get("id"), str) or not 1 <= len(given["id"].encode()) <= 64:
        raise bad("RESULT_ID_INVALID")
    if "caption" in given:
        read_text(given["caption"], given.get("parse_mode"), 1024)
    if "input_message_content" in given:
        content = given["input_message_content"]
        only(content, {"message_text", "parse_mode", "link_preview_options"})
        read_text(content.get("message_text"), content.get("parse_mode"), 4096)
    for name in ("audio_url", "photo_url", "thumbnail_url", "url"):
        if name in given:
            public(given[name], "WEBDOCUMENT_URL_INVALID")
    if kind == "audio" and not urlsplit(given["audio_url"]).path.endswith(".mp3"):
        raise bad("WEBDOCUMENT_MIME_INVALID")  # it wants an MP3
    keyboard(given, private=False)


def text_field(given: Mapping[str, Any], name: str, longest: int) -> None:
    if not 1 <= len(str(given.get(name, ""))) <= longest:
        raise bad(f"{name} must be 1-{longest} characters")


def decoded(form: Mapping[str, str]) -> dict[str, Any]:
    """Of a form: numbers, flags, lists and objects are JSON within it."""
    given: dict[str, Any] = {}
    for name, text in form.items():
        try:
            given[name] = json.loads(text)
        except ValueError:
            given[name] = text
    return given
