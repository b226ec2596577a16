"""What an algorithm refuses.

ValueError
├── UserError                 a mistake of the user: "ClientError" in FailureReason
│   └── HyperparameterError   ... in the hyperparameters
├── AlgorithmFailure          a failure of the algorithm: "AlgorithmError"
└── InferenceError            a request that the model cannot answer
"""


class UserError(ValueError):
    """A mistake of the user in data, channels or hyperparameters."""


class HyperparameterError(UserError):
    """Hyperparameters that the algorithm refuses, worded as AWS words it."""


class AlgorithmFailure(ValueError):
    """A failure inside the algorithm."""


class InferenceError(ValueError):
    """A request that the model cannot answer.

    Attributes:
        status: HTTP status that the container answers (400, 415 ...).
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
