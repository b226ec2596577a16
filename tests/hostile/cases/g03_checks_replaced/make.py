def change(notebook):
    for cell in notebook["cells"]:
        if cell["source"].startswith("check("):
            cell["source"] = "pass"
    return notebook
