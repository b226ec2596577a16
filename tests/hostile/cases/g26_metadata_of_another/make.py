def change(notebook):
    notebook["metadata"] |= {"student": "zoe", "name": "zoe", "authors": [{"name": "zoe"}]}
    return notebook
