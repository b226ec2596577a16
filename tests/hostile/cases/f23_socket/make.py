import os
import socket


def place(folder, environment):
    (folder / "lab.ipynb").unlink()
    before = os.getcwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as line:
        line.bind("lab.ipynb")
    os.chdir(before)
