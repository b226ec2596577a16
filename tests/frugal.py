"""What keeps a worker of the tests fast and small over thousands of clients.

The guard drops boto3's session for each test. A session reads botocore's models anew,
30,000 objects a service, and the collector then walks over millions of them.
"""

import copy
import functools
import gc
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

# young objects, and generations, before each next one: 700, 10 and 10 else
_THRESHOLDS = (50_000, 20, 20)


class OneReading(JSONFileLoader):
    """Reads each file of botocore's models once in this process."""

    def load_file(self, file_path: str) -> Any:
        """Return what a file says, None if there is none.

        Args:
            file_path: Without `.json` or `.json.gz`.
        """
        # botocore takes the bucket out of the paths of Amazon S3's model, in place
        found = _read(file_path)
        return copy.deepcopy(found) if "/s3/" in file_path else found


@functools.cache
def _read(path: str) -> Any:
    return JSONFileLoader().load_file(path)


def be_frugal() -> None:
    """Share the models among sessions, and collect garbage less often."""
    Loader.FILE_LOADER_CLASS = OneReading
    gc.set_threshold(*_THRESHOLDS)
