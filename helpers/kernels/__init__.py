"""Jupyter kernels forked from a pre-imported parent, for authors, CI and graders.

Set ``JUPYTER_DEFAULT_PROVISIONER_NAME=mla-forked`` and papermill, nbclient, nbmake,
nbval and nbgrader start their kernels this way, unchanged. A kernel then begins with
numpy, pandas, scikit-learn, matplotlib and the SageMaker SDK in memory, and shares
that memory with its siblings. Learners keep stock kernels.

The rooms: `identity` says which environments may share a parent, `parent` is that
process, `client` finds or starts it, `provisioner` is what Jupyter loads.
"""

from typing import Final

PROVISIONER: Final = "mla-forked"

__all__ = ["PROVISIONER"]
