def total_cents(prices):
    while True:
        pass
