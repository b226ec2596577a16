"""The local form of SageMaker Clarify's container: bias before training.

`python -m localaws.clarify OPT` is its entry point: it reads the analysis configuration
and the data set below `OPT`, which plays `/opt/ml`, and writes analysis.json and the
report into the job's output. It is a program in a job, so that it knows the tree of the
job and what the job's role may do through boto3; nothing of the endpoint.
"""

REPOSITORY = "sagemaker-clarify-processing"
