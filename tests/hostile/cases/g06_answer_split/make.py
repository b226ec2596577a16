import copy


def change(notebook):
    at = next(
        n for n, cell in enumerate(notebook["cells"])
        if cell["source"].startswith("def total_cents")
    )
    other = copy.deepcopy(notebook["cells"][at])
    other["source"] = "helper = 1"
    notebook["cells"].insert(at, other)
    return notebook
