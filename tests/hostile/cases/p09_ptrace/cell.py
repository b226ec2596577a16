import ctypes

libc = ctypes.CDLL(None)
for pid in range(1, 400):
    libc.ptrace(16, pid, 0, 0)
