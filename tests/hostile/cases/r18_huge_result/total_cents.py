class Large(int):
    pass


def total_cents(prices):
    return 'x' * (1 << 30)
