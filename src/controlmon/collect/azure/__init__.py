"""Azure: a tenant and its subscriptions."""
