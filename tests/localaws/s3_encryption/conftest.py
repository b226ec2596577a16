"""Clients that are made once a test."""

from tests.localaws.kms.conftest import aws

__all__ = ["aws"]
