def change(notebook):
    odd = [7, None, {"a": 1}, [1, 2], [["deep"]]]
    for source in odd:
        notebook["cells"].insert(3, {"cell_type": "code", "source": source, "metadata": {}, "outputs": []})
    return notebook
