def change(notebook):
    notebook["metadata"] = {"colab": {"provenance": []}}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    notebook["nbformat_minor"] = 0
    return notebook
