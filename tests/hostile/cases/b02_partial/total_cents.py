def total_cents(prices):
    return 0
