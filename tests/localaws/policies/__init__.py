"""Tests of the evaluation of policies."""
