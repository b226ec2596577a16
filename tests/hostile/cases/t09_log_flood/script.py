import sys
for _ in range(20_000):
    sys.stdout.write('x' * (1 << 17))
