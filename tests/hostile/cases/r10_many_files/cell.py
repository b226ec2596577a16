try:
    for number in range(200_000):
        open(f"/tmp/{number}", "w").close()
except OSError:
    pass
