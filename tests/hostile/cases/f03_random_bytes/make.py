def place(folder, environment):
    path = folder / "lab.ipynb"
    text = path.read_text()
    path.write_bytes(bytes(range(256)) * 400)
