def change(notebook):
    source = "x = " + "(" * 150 + "1" + ")" * 150 + "\n" + "y = " + "-" * 200_000 + "1"
    notebook["cells"].insert(3, {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, "id": "deep"})
    return notebook
