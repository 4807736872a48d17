"""The audit log of a team in PostgreSQL. It is imported only where the settings name a server."""
