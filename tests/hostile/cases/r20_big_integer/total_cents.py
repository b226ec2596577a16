def total_cents(prices):
    return 10 ** 1_000_000
