"""Writes of payments, one door each: orders, states, sales, expiry."""
