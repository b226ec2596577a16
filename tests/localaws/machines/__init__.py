"""Hypothesis state machines: one a SageMaker family, against a model of AWS's docs.

Each machine calls boto3 alone, in an order that hypothesis chooses, and holds a model
written from AWS's documentation: which status may follow which, what a wrong call is
answered, what a list shows. By day each runs 12 examples from a fixed seed, and two
more that kill the endpoint with SIGKILL; `MLA_NIGHTLY=1` runs 1,000 and 62, which
differ from night to night.

What is timing (has the job ended yet?) is never an input of hypothesis: a rule takes
either answer, and the model says what must be seen after the one that came.

Divergences that are accepted, with their reasons:

- SecondaryStatus is Uploading while TrainingJobStatus is Stopping: AWS's table pairs
  Stopping with Stopping alone, yet a stopped job uploads its artefacts after it.
- FailureReason of an endpoint stays after a failed UpdateEndpoint, with InService: the
  documentation speaks of Failed alone, and would leave the reason nowhere.
- DeleteEndpoint answers when the containers are gone, so that a describe after it
  finds nothing. AWS answers at once, and shows Deleting for a while.
- A model package group is Completed at once, and so is a model package: nothing has to
  be provisioned here.
- StopPipelineExecution of one that is Stopping already is taken: the documentation
  does not say; a stop of a job that is Stopping is refused, as on AWS.
- Whether NameContains regards case is not documented, nor the order among equal
  values of SortBy: the machines use lower case and times that differ.
"""
