def total_cents(prices):
    raise ValueError('\x1b]0;taken\x07\x1b[2J\x1b[31m\x9b31m\x00' * 50)
