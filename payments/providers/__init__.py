"""One complete folder per way to pay. A new one: copy a folder, add one line here."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.utils.module_loading import import_string

from payments.providers.base import OffChain, Provider, Webhook

# name of the method -> dotted path of a class that fulfils payments.providers.base.Provider
REGISTRY: Final[dict[str, str]] = {
    "ton": "payments.providers.ton.provider.TonProvider",
    "stars": "payments.providers.stars.provider.StarsProvider",
    "sbp": "payments.providers.sbp.provider.SbpProvider",
    "stripe": "payments.providers.stripe.provider.StripeProvider",
    "binance": "payments.providers.binance.provider.BinanceProvider",
}
# source in /webhooks/<source> -> dotted path of a class that fulfils providers.base.Webhook
WEBHOOKS: Final[dict[str, str]] = {
    "yookassa": "payments.providers.sbp.webhooks.YooKassaWebhook",
    "tbank": "payments.providers.sbp.webhooks.TBankWebhook",
    "stripe": "payments.providers.stripe.webhook.StripeWebhook",
    "binance": "payments.providers.binance.webhook.BinanceWebhook",
}


@cache
def provider(name: str) -> Provider:
    """The provider behind a payment method. Raises KeyError for a name that is none."""
    made: Provider = import_string(REGISTRY[name])()
    return made


def off_chain(name: str) -> OffChain:
    """The same, of a method whose payments are kept outside the chain. KeyError for another."""
    made = provider(name)
    if not isinstance(made, OffChain):
        raise KeyError(name)
    return made


@cache
def webhook(source: str) -> Webhook:
    """Who reads the webhooks of a source. Raises KeyError for a name that is none."""
    made: Webhook = import_string(WEBHOOKS[source])()
    return made


def offered() -> list[str]:
    """Methods that are configured here, in the order of the registry."""
    return [name for name in REGISTRY if provider(name).configured]
