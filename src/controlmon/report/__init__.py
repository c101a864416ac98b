"""Floor 4: findings and status as people and machines read them. Bytes out, nothing in."""
