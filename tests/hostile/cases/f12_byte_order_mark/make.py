def place(folder, environment):
    path = folder / "lab.ipynb"
    text = path.read_text()
    path.write_bytes(text.encode("utf-8-sig"))
