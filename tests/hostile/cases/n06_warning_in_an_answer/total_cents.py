def total_cents(prices):
    import warnings

    warnings.warn('floats')
    return sum(round(float(price) * 100) for price in prices)
