"""What runs inside a Glue job: the `awsglue` package on PySpark, and the job's start.

`awsglue` is our own, written from AWS's documentation. It runs in the job's process
on the libraries of `make spark`; the endpoint imports nothing of it but `installing`.
"""
