"""Views of what Entra ID answers through Microsoft Graph. Names of members are those of Graph's metadata (v1.0)."""
