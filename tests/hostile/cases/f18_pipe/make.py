import os


def place(folder, environment):
    (folder / "lab.ipynb").unlink()
    os.mkfifo(folder / "lab.ipynb")
