"""Binance Pay, merchant orders v3 (developers.binance.com, Binance Pay). Never inside Telegram."""
