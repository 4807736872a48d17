"""Webhooks as code: a file of them, what it would change at a tenant, and in which order."""
