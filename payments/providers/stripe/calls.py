"""Stripe's errors as ours: what may be tried again, and what may have happened all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from payments.providers.base import ProviderError


@contextmanager
def calls(*, effect: bool = False) -> Iterator[None]:
    """Around calls of the SDK. effect: the call changes something, so a lost answer is `unknown`.

    Raises ProviderError. A 500 is stored under its key and comes again: the caller looks for what
    was made, then takes a new key (docs.stripe.com/api/idempotent_requests).
    """
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        why = type(error).__name__
        raise ProviderError("unavailable", why, retry=True, away=True) from error
    except stripe.AuthenticationError as error:
        raise ProviderError("not_let_in", "The API key is refused.", retry=True) from error
    except stripe.InvalidRequestError as error:
        raise ProviderError(error.code or "invalid_request", _text(error), retry=False) from error
    except stripe.APIError as error:
        code = "unknown" if effect else "unavailable"
        raise ProviderError(code, _text(error), retry=True, away=True) from error
    except stripe.StripeError as error:
        raise ProviderError(error.code or "refused", _text(error), retry=False) from error


def _text(error: stripe.StripeError) -> str:
    return str(error.user_message or type(error).__name__)[:150]
