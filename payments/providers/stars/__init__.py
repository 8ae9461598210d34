"""Telegram Stars (core.telegram.org/bots/payments-stars): an invoice, paid in Telegram's sheet."""
