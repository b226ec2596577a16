"""Card payments of an airport's shops and car parks, and how they come to AWS.

Nobody here exists: everything is drawn from a seed. The rows of a lab are too many
for the JSON of its checks, so `land` puts what a task is about where the task will
find it: in a bucket, a database, a stream. It does so once for a seed, by plain boto3;
both the notebook and the probe of a check call it.
"""

from helpers.payments.landing import land
from helpers.payments.tables import Tables, draw

__all__ = ["Tables", "draw", "land"]
