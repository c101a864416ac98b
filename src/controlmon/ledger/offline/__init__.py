"""The verifier that ships in each bundle: one file, which imports nothing of ours and is run as it stands."""
