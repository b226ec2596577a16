import time

time.time = lambda: 0.0
time.sleep = lambda seconds: None
time.monotonic = lambda: 1.0
