def place(folder, environment):
    (folder / "lab.ipynb").unlink()
    (folder / "lab.ipynb").mkdir()
