def change(notebook):
    for cell in notebook["cells"]:
        if cell["source"].startswith("check("):
            cell["cell_type"] = "markdown"
            cell.pop("outputs"), cell.pop("execution_count")
    return notebook
