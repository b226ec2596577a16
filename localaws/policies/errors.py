"""What is wrong with a policy document."""


class PolicyError(Exception):
    """A document that is no policy.

    Args:
        message: What is wrong with it.
        element: The element that is wrong, such as `Action`, if it is one.
    """

    def __init__(self, message: str, element: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.element = element
