"""The part of AWS Glue's `awsglueml` package that acts in the local endpoint."""
