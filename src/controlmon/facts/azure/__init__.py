"""What Azure answers, typed."""
