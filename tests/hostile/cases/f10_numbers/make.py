def place(folder, environment):
    path = folder / "lab.ipynb"
    text = path.read_text()
    odd = '"metadata": {"a": NaN, "b": -Infinity, "c": ' + "9" * 5000 + ","
    assert '"metadata": {' in text
    head, _, tail = text.rpartition('"metadata": {')
    path.write_text(head + odd + tail)
