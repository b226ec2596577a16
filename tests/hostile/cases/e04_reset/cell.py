import threading

from helpers import cloud


def again():
    while True:
        try:
            cloud.reset()
        except Exception:
            pass


threading.Thread(target=again, daemon=True).start()
