"""The part of AWS Glue's `awsglue` package that acts in the local endpoint."""
