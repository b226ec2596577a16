def change(notebook):
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell = {
                "cell_type": "code", "language": "python", "collapsed": False,
                "input": cell["source"], "metadata": cell["metadata"], "outputs": [],
            }
        cells.append(cell)
    return {
        "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
