"""The local form of SageMaker Data Wrangler's container.

`python -m localaws.wrangler OPT ARGUMENT...` is its entry point: it interprets the flow
file below `OPT`, which plays `/opt/ml`, on pandas where the container has Spark. One
file holds one group of operators. It is a program in a job, so that it knows the tree
of the job and what the job's role may do through boto3; nothing of the endpoint.
"""

REPOSITORY = "sagemaker-data-wrangler-container"
