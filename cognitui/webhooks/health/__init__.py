"""Which webhooks are unhealthy, since when, and whose matter it is."""
