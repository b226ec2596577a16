def tоtal_cents(prices):
    return sum(round(float(price) * 100) for price in prices)
