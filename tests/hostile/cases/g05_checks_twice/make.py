import copy


def change(notebook):
    for cell in list(notebook["cells"]):
        if cell["source"].startswith("check("):
            other = copy.deepcopy(cell)
            other["source"], other["id"] = "pass", cell["id"] + "-2"
            notebook["cells"].append(other)
    return notebook
