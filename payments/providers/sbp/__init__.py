"""SBP, the Russian fast payment system, through whoever registers the QR: an acquirer each file."""
