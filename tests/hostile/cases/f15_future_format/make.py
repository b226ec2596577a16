def change(notebook):
    notebook["nbformat"] = 99
    return notebook
