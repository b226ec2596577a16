"""Spark applications of Amazon EMR: `spark-submit` of `make spark`, on local threads.

What is asked of `spark-submit` is read here, and most of it goes to the real one, which
fetches the script from S3, starts it, and says what is wrong with it in its own words.
"""
