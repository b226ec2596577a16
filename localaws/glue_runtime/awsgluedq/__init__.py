"""AWS Glue's `awsgluedq` package, of which nothing acts in the local endpoint."""
