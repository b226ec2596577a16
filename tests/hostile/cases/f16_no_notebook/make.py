def place(folder, environment):
    (folder / "lab.ipynb").unlink()
