import os


def place(folder, environment):
    (folder / "lab.ipynb").unlink()
    os.link(environment["NEIGHBOUR"], folder / "lab.ipynb")
