def total_cents(prices):
    raise ValueError('\u202egnihton\u2066 \ud800')
