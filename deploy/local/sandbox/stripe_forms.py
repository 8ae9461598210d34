"""The forms of Stripe's API: errors, parameters, pages, the webhook's signature."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from deploy.local.sandbox.frame import Call, Refuse, Reply


def signature(secret: str, body: bytes, at: int) -> str:
    """The Stripe-Signature header: HMAC-SHA256 over "<t>.<body>"."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def body(
    message: str, *, kind: str = "invalid_request_error", param: str = "", code: str = ""
) -> dict[str, Any]:
    error = {"type": kind, "message": message}
    if param:
        error["param"] = param
    if code:
        error["code"] = code
    return {"error": error}


def error(status: int, message: str) -> Reply:
    return Reply(status, body(message))


def missing(what: str, which: str) -> Reply:
    return Reply(404, body(f"No such {what}: {which}", code="resource_missing"))


def known(form: Mapping[str, str], names: str) -> None:
    for name in form:
        if not re.fullmatch(names, name):
            raise Refuse(
                400,
                body(f"Received unknown parameter: {name}", param=name, code="parameter_unknown"),
            )


def metadata(form: Mapping[str, str], prefix: str) -> dict[str, str]:
    found = {}
    for name, value in form.items():
        if match := re.fullmatch(rf"{prefix}\[(\w+)\]", name):
            if len(value) > 500:
                raise Refuse(400, body("Metadata values can have up to 500 characters."))
            found[match[1]] = value
    return found


def lengths(form: Mapping[str, str]) -> None:
    """client_reference_id up to 200, addresses up to 5000 characters."""
    for name, longest in (
        ("client_reference_id", 200), ("success_url", 5000), ("cancel_url", 5000),
    ):  # fmt: skip
        if len(form.get(name, "")) > longest:
            raise Refuse(400, body(f"Up to {longest} characters.", param=name))
    if sum(name.startswith("metadata[") for name in form) > 50:
        raise Refuse(400, body("Up to 50 keys of metadata.", param="metadata"))


def asked(call: Call, names: str) -> None:
    """Parameters of a GET that are not known are refused as those of a POST are."""
    known(dict.fromkeys(call.query, ""), names)


def expanded(call: Call) -> set[str]:
    return {value for values in call.query.values() for value in values}


def intent(row: Mapping[str, Any], expand: set[str]) -> dict[str, Any]:
    """A charge and its balance transaction are ids, unless they are asked for."""
    told, charge = public(row), row["latest_charge"]
    if charge is not None:
        inner = "latest_charge.balance_transaction" in expand
        transaction = charge["balance_transaction"]
        full = {**charge, "balance_transaction": transaction if inner else transaction["id"]}
        told["latest_charge"] = full if inner or "latest_charge" in expand else charge["id"]
    return told


def lines(form: Mapping[str, str]) -> tuple[int, str, str]:
    """The sum, the currency and the first name. Stripe's least for USD is 50 cents."""
    prefix = "line_items[0][price_data]"
    try:
        unit = int(form[f"{prefix}[unit_amount]"])
        quantity = int(form["line_items[0][quantity]"])
        currency = form[f"{prefix}[currency]"]
        name = form[f"{prefix}[product_data][name]"]
    except (KeyError, ValueError) as error:
        raise Refuse(400, body(f"Missing or invalid: {error}.", param="line_items")) from error
    if currency != currency.lower() or len(currency) != 3:
        raise Refuse(400, body("Invalid currency.", param="currency"))
    if not 1 <= len(name) <= 250:
        raise Refuse(400, body("product_data[name] is 1-250 characters.", param="line_items"))
    if unit * quantity > 99_999_999:
        raise Refuse(400, body("The amount is too large.", code="amount_too_large"))
    if unit * quantity < 50:
        raise Refuse(400, body("The amount is too small.", code="amount_too_small"))
    return unit * quantity, currency, name


def page(call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
    limit = int(call.query.get("limit", ["10"])[0])
    if not 1 <= limit <= 100:
        raise Refuse(400, body("Limit must be between 1 and 100.", param="limit"))
    after = call.query.get("starting_after", [""])[0]
    ids = [row["id"] for row in rows]
    start = ids.index(after) + 1 if after in ids else 0
    return {
        "object": "list", "url": call.path, "has_more": len(rows) > start + limit,
        "data": [public(row) for row in rows[start : start + limit]],
    }  # fmt: skip


def public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("_")}
