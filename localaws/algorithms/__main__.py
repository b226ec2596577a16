"""Train: `python -m localaws.algorithms NAME OPT`."""

import sys
from pathlib import Path

from localaws.algorithms import by_name

if __name__ == "__main__":
    sys.exit(by_name(sys.argv[1]).train(Path(sys.argv[2])))
