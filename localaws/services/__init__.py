"""What neighbour services must do beyond moto, one file for each service.

A handler answers an operation instead of moto; a follower acts once moto has answered.
"""

from localaws.services import iam, s3

HANDLERS = {**iam.HANDLERS}
FOLLOWERS = {**s3.FOLLOWERS}
