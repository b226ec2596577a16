"""An AWS endpoint on this machine: `python -m localaws start` serves any boto3 program.

    daemon    one process for each learner and checkout: found, started, stopped
    client    points this process at it, and at nothing else
    server    what the daemon serves
    meter     what AWS would have billed

The package knows nothing of the course.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
