import json


def change(notebook):
    for cell in notebook["cells"]:
        given = cell["metadata"].get("nbgrader", {})
        if "points" in given:
            given["points"] = 1000
    return notebook
