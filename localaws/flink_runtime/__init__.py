"""What runs inside a Flink application: Apache Flink, in a process of its own.

It runs on the libraries of `make flink`; the endpoint imports `place` and `settings`.
"""
