"""Collecting from Entra ID through Microsoft Graph with azure-core, read-only: the Graph SDK is sixteen thousand files for the same."""
