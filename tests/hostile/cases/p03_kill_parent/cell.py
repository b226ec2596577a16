import os
import signal

for pid in {os.getppid(), 1, os.getpgid(0), os.getsid(0)}:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
