held = []
while True:
    held.append(bytearray(64 << 20))
    held[-1][:] = b"x" * (64 << 20)
