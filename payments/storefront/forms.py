"""What a buyer says at the checkout, and on the page of his order."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from contracts.collection import MAX_PER_BUY
from payments.providers import provider
from payments.services.gifts import NOTE_LENGTH
from payments.services.offers import Offer
from payments.standing import METHODS


class PayForm(forms.Form):
    """How to pay. key: made with the page, so that a form sent twice is one order."""

    email = forms.EmailField(
        required=False,
        label="E-mail for the receipt",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {one.method: one for one in offers}
        self.fields["method"] = forms.ChoiceField(
            widget=forms.RadioSelect,
            choices=[(name, name) for name in self.offers],
            initial=next(iter(self.offers), None),
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        chosen = self.offers.get(str(given.get("method")))
        if chosen and chosen.needs_email and not given.get("email") and "email" not in self.errors:
            self.add_error("email", "The law asks for a receipt: say where to send it.")
        return given

    @property
    def needs_email(self) -> bool:
        return any(one.needs_email for one in self.offers.values())

    def rows(self) -> list[dict[str, Any]]:
        """The ways to pay, as radio buttons show them."""
        chosen = self["method"].value()
        if chosen not in self.offers:
            chosen = next(iter(self.offers), None)
        return [
            {
                "method": one.method,
                "name": METHODS[one.method].name,
                "note": METHODS[one.method].note,
                "amount": one.amount,
                "checked": one.method == chosen,
            }
            for one in self.offers.values()
        ]


class CheckoutForm(PayForm):
    """gift: for somebody else, who opens a link; not with TON, which mints at once."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_PER_BUY, initial=1)
    gift = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        method = str(given.get("method"))
        if given.get("gift") and method in self.offers and provider(method).capabilities.instant:
            self.add_error(
                "method", "A gift is paid another way: TON would mint it to you at once."
            )
        return given

    @property
    def can_give(self) -> bool:
        return any(not provider(name).capabilities.instant for name in self.offers)


class NoteForm(forms.Form):
    """What the giver says to whom opens the gift."""

    note = forms.CharField(required=False, max_length=NOTE_LENGTH, strip=True)
