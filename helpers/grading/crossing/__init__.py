"""What crosses between the boxes of one submission, and how.

A student's values cross as JSON of a few types that are named here, everything else as
a handle on which the prober may act; nothing that comes from him is ever unpickled.
What the prober gives to an answer is pickled, for the prober is trusted.
"""
