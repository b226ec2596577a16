def total_cents(prices):
    return float("nan")


def sum_by_day(rides):
    return pd.DataFrame({"day": [float("inf")], "passengers": [float("nan")]})
