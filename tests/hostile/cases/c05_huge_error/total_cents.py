def total_cents(prices):
    raise ValueError('x' * (100 << 20))
