"""Stripe Checkout: cards and wallets on Stripe's own page (docs.stripe.com/payments/checkout)."""
