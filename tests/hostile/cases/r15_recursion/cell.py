import sys
import threading

sys.setrecursionlimit(10**9)
threading.stack_size(1 << 29)


def deeper(n):
    return deeper([n])


thread = threading.Thread(target=deeper, args=(0,))
thread.start()
thread.join()
