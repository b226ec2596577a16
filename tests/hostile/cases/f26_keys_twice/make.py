def place(folder, environment):
    path = folder / "lab.ipynb"
    path.write_text(path.read_text().replace('"cell_type": "code"', '"cell_type": "raw", "cell_type": "code"'))
