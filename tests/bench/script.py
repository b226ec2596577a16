"""A notebook as the plain script that does the same: the floor of its cost."""

import ast

from nbformat import NotebookNode

HEAD = '''import matplotlib

matplotlib.use("agg")


def _show(value):
    """Compute what a notebook would have shown."""
    if value is not None:
        getattr(value, "_repr_html_", lambda: repr(value))()


def _draw():
    """Render the open figures, as the inline backend does after each cell."""
    import io

    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        pyplot.figure(number).savefig(io.BytesIO(), bbox_inches="tight")
    pyplot.close("all")


'''


def as_script(notebook: NotebookNode) -> str:
    """Give the source of a script with the cells of a notebook, in order.

    Each cell ends by computing its last expression's representation and by drawing
    the figures that it left open.
    """
    parts = [HEAD]
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        tree = ast.parse(cell.source)
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            call = ast.Call(ast.Name("_show", ast.Load()), [last.value], [])
            tree.body[-1] = ast.Expr(call)
        parts.append(ast.unparse(ast.fix_missing_locations(tree)))
        if "plt" in cell.source or "chart" in cell.source or "plot" in cell.source:
            parts.append("_draw()")
    return "\n".join(parts) + "\n"


def caught(source: str) -> str:
    """Give the source of a cell that goes on after its failure."""
    guarded = ast.parse("try:\n    pass\nexcept Exception as error:\n    print(error)")
    guarded.body[0].body = ast.parse(source).body
    return ast.unparse(ast.fix_missing_locations(guarded))
