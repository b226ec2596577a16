"""What neighbour services must do beyond moto, one file for each service.

A handler answers an operation instead of moto. A preparer acts before an operation of
the learner, a follower once moto has answered. A check refuses inputs.
"""

from localaws.services import alarms, events, iam, s3, sqs

HANDLERS = {**iam.HANDLERS, **sqs.HANDLERS}
PREPARERS = {**alarms.PREPARERS}
FOLLOWERS = {**s3.FOLLOWERS, **alarms.FOLLOWERS}
CHECKS = {**events.CHECKS}
