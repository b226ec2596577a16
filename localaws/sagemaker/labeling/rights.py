"""What a labeling job's role may do: its calls are held against IAM."""

from localaws.loopback import Loopback
from localaws.sagemaker.labeling.tasks import LabelingFailed
from localaws.sagemaker.transfer import split
from localaws.services import iam


class Rights:
    """The rights of one job's role.

    Args:
        aws: Where policies are.
        role: Its ARN.
    """

    def __init__(self, aws: Loopback, role: str) -> None:
        self._aws = aws
        self._role = role
        self._known: dict[tuple[str, str], bool] = {}

    def demand(self, action: str, resource: str) -> None:
        """Raise `LabelingFailed` unless the role may do something.

        Args:
            action: Such as `lambda:InvokeFunction`.
            resource: An ARN.
        """
        asked = (action, resource)
        if asked not in self._known:
            found = iam.decision(self._aws, self._role, action, resource)
            self._known[asked] = found == "allowed"
        if not self._known[asked]:
            raise LabelingFailed(
                f"ClientError: Access denied: the role {self._role} is not authorized "
                f"to perform: {action} on resource: {resource}"
            )

    def demand_object(self, action: str, uri: str) -> None:
        """Raise `LabelingFailed` unless the role may do something with an object."""
        self.demand(action, "arn:aws:s3:::" + "/".join(split(uri)))
