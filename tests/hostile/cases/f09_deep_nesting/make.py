def place(folder, environment):
    path = folder / "lab.ipynb"
    text = path.read_text()
    path.write_bytes((b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b', "nbformat": 4, "metadata": {}}'))
