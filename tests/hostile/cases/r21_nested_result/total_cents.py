def total_cents(prices):
    found = []
    found.append(found)
    return found
