"""Telling people, and their tools, what changed."""
