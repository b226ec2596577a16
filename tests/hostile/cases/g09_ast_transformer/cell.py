import ast


class Drop(ast.NodeTransformer):
    def visit_Raise(self, node):
        return ast.Pass()

    visit_Assert = visit_Raise


get_ipython().ast_transformers.append(Drop())
