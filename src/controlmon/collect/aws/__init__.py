"""Collecting from AWS with boto3, unmodified and read-only."""
