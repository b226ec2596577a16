def change(notebook):
    for cell in notebook["cells"]:
        cell["id"] = "\x00\x1b[31m"
        cell["metadata"]["tags"] = ["\x00", "\u202e"]
    return notebook
