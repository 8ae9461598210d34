"""The hosted payment page of every sandbox: plainly a sandbox, and pleasant to use on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from deploy.local.sandbox.frame import Reply

_STYLE = """
:root{color-scheme:light dark;--ink:#16181d;--soft:#5b6270;--paper:#f6f6f4;--card:#fff;--go:#1e6b4f}
@media(prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#9aa1ae;--paper:#111317;--card:#1b1e24;
--go:#2f9a73}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,sans-serif}
main{max-width:26rem;margin:0 auto;padding:16px}
.mark{background:#f2c94c;color:#231c00;font-weight:700;letter-spacing:.12em;text-align:center;
padding:8px;border-radius:8px}
.card{background:var(--card);border-radius:16px;padding:20px;margin-top:16px}
h1{font-size:20px;margin:0 0 4px}.sum{font-size:40px;font-weight:700;margin:8px 0;
font-variant-numeric:tabular-nums}p{color:var(--soft);margin:4px 0}
button{display:block;width:100%;min-height:48px;margin-top:12px;border-radius:8px;font:inherit;
border:1px solid var(--soft);background:transparent;color:inherit;cursor:pointer}
button.go{background:var(--go);border-color:var(--go);color:#fff;font-weight:600}
button:focus-visible{outline:3px solid #f2c94c;outline-offset:2px}
"""


def payment_page(
    *,
    provider: str,
    title: str,
    amount: str = "",
    note: str,
    buttons: Sequence[tuple[str, str]],
    action: str,
) -> Reply:
    """A form with one button an act; the first is the one that pays. buttons: (act, text).

    Without an amount it is a page on which something else is chosen.
    """
    total = f"<p class=sum>{escape(amount)}</p>" if amount else ""
    forms = "".join(
        f'<button name="act" value="{escape(act)}"{" class=go" if place == 0 else ""}>'
        f"{escape(text)}</button>"
        for place, (act, text) in enumerate(buttons)
    )
    return page_of(
        provider,
        f"<h1>{escape(title)}</h1><p>{escape(provider)}</p>"
        f"{total}<p>{escape(note)}</p>"
        f'<form method=post action="{escape(action)}">{forms}</form>',
    )


def page_of(provider: str, inner: str) -> Reply:
    """The frame of every page; `inner` is HTML."""
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>SANDBOX: {escape(provider)}</title><style>{_STYLE}</style>"
        f"<main><div class=mark role=note>SANDBOX &middot; no real money</div>"
        f"<div class=card>{inner}</div></main></html>"
    )
    return Reply(200, page, kind="text/html; charset=utf-8")


def see_other(url: str) -> Reply:
    return Reply(303, b"", headers={"Location": url})
