def change(notebook):
    cell = {"cell_type": "code", "source": "x = '" + "y" * (8 << 20) + "'", "metadata": {}, "outputs": [], "execution_count": None, "id": "long"}
    notebook["cells"].insert(3, cell)
    return notebook
