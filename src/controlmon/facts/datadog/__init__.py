"""What Datadog answers, as typed views."""
