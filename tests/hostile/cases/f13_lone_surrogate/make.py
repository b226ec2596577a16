def place(folder, environment):
    path = folder / "lab.ipynb"
    path.write_text(path.read_text().replace("seed = 13", "seed = 13  # \\ud800"))
