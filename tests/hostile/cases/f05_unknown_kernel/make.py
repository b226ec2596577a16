def change(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "julia-9", "display_name": "x", "language": "julia"}
    return notebook
