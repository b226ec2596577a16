def place(folder, environment):
    (folder / "lab.ipynb").rename(folder / "lab (1).ipynb")
