"""Grades a class: resumable, on local processes or on a Dask cluster."""
