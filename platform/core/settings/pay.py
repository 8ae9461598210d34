"""Ways to pay: a method whose settings are absent is not offered."""

from datetime import timedelta

from core.settings import env

STARS_HOLD = timedelta(days=env.number("STARS_HOLD_DAYS", 21))  # Telegram may take Stars back
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRETS = env.words("STRIPE_WEBHOOK_SECRETS", "")  # two while one is replaced
STRIPE_HOLD = timedelta(days=env.number("STRIPE_HOLD_DAYS", 0))
STRIPE_API_URL = env.text("STRIPE_API_URL", "https://api.stripe.com")
SBP_ACQUIRERS = env.words("SBP_ACQUIRERS", "yookassa,tbank")  # the first that is configured
YOOKASSA_SHOP_ID = env.text("YOOKASSA_SHOP_ID", "")
YOOKASSA_SECRET_KEY = env.text("YOOKASSA_SECRET_KEY", "")
YOOKASSA_API_URL = env.text("YOOKASSA_API_URL", "https://api.yookassa.ru/v3")
YOOKASSA_WEBHOOK_NETWORKS = env.words(
    "YOOKASSA_WEBHOOK_NETWORKS",
    "185.71.76.0/27,185.71.77.0/27,77.75.153.0/25,77.75.154.128/25,77.75.156.11/32,"
    "77.75.156.35/32,2a02:5180::/32",
)
TBANK_TERMINAL_KEY = env.text("TBANK_TERMINAL_KEY", "")
TBANK_PASSWORD = env.text("TBANK_PASSWORD", "")
TBANK_API_URL = env.text("TBANK_API_URL", "https://securepay.tinkoff.ru/v2")
# Fiscal receipts (54-FZ): YooKassa's codes; 1 is "without VAT", 11 is 22%.
RECEIPT_VAT_CODE = env.number("RECEIPT_VAT_CODE", 1)
RECEIPT_TAX_SYSTEM = env.number("RECEIPT_TAX_SYSTEM", 2)
RECEIPT_SUBJECT = env.text("RECEIPT_SUBJECT", "intellectual_activity")
# Who sells, as receipts say it. What is printed stays printed: fill it in before the first sale.
SELLER_NAME = env.text("SELLER_NAME", "Tonality")
SELLER_ADDRESS = env.text("SELLER_ADDRESS", "")
SELLER_TAX_ID = env.text("SELLER_TAX_ID", "")
BINANCE_API_KEY = env.text("BINANCE_API_KEY", "")
BINANCE_API_SECRET = env.text("BINANCE_API_SECRET", "")
BINANCE_API_URL = env.text("BINANCE_API_URL", "https://bpay.binanceapi.com")
# Above these amounts (minor units) a refund that staff ask for needs a second person.
REFUND_LIMITS = {"USD": 10_000, "RUB": 1_000_000, "XTR": 5_000, "USDT": 100_000_000}
# Prices of one native coin that the operator sets himself, as "USD:3.00,RUB:270": they go before
# every source and never get old.
RATES_FIXED = env.pairs("RATES_FIXED", "")
# Who else is asked for rates, as "coingecko:https://api.coingecko.com/api/v3,tonapi:https://..."
RATE_SOURCES = env.pairs("RATE_SOURCES", "")
RATE_QUORUM = env.number("RATE_QUORUM", 1)  # how many of them have to answer
RATE_TOLERANCE_BPS = env.number("RATE_TOLERANCE_BPS", 200)  # further apart they contradict
STAR_USD_MICROS = env.number("STAR_USD_MICROS", 13_000)  # what Telegram credits for a Star
RATE_MAX_AGE = timedelta(minutes=10)  # older rates stop quoting
RATE_SPREAD_BPS = env.number("RATE_SPREAD_BPS", 100)
# Less than this (minor units) is not paid out yet.
PAYOUT_MINIMUM = {"TON": 10**8, "USD": 1_000, "RUB": 50_000, "USDT": 10_000_000, "XTR": 100}
# Days from a payment until its earnings are paid out: until then it may still be taken back.
PAYOUT_HOLDS = {
    method: timedelta(days=int(days))
    for method, days in env.pairs("PAYOUT_HOLD_DAYS", "stars:21,stripe:30").items()
}
PAYOUT_SPREAD_BPS = env.number("PAYOUT_SPREAD_BPS", 100)  # kept of what is exchanged into coins
# A rate that moved more since the draft has to be looked at again before the approval.
PAYOUT_RATE_LIMIT_BPS = env.number("PAYOUT_RATE_LIMIT_BPS", 200)
GIFT_LIFETIME = timedelta(days=30)  # to open a gift's link; then its buyer gets the money back
# Who signs settlements: an operator's wallet in the admin, or a Vault transit key.
SETTLEMENT_SIGNER = env.choice("SETTLEMENT_SIGNER", frozenset({"operator", "vault"}), "operator")
SETTLEMENT_EVERY = env.number("SETTLEMENT_EVERY", 30)  # seconds between looks at what is due
VAULT_ADDR = env.text("VAULT_ADDR", "")
VAULT_TOKEN = env.text("VAULT_TOKEN", "")
VAULT_TRANSIT_KEY = env.text("VAULT_TRANSIT_KEY", "minter")
