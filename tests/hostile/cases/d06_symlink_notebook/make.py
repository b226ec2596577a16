def place(folder, environment):
    (folder / "lab.ipynb").unlink()
    (folder / "lab.ipynb").symlink_to(environment["NEIGHBOUR"])
