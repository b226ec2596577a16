import os
import signal

for pid in range(1, 400):
    try:
        os.kill(pid, signal.SIGSTOP)
    except OSError:
        pass
