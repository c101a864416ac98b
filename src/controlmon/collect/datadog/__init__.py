"""Datadog: organizations, through the low-level calls of datadog-api-client, so that a value it does not know breaks no reading."""
