import os

for folder in (".", "/tmp", "/dev/shm", "/work", os.path.expanduser("~"), "/var/tmp"):
    try:
        with open(os.path.join(folder, "fill"), "wb") as file:
            for _ in range(3000):
                file.write(b"x" * (1 << 20))
    except OSError:
        pass
