"""The wire: what goes to a tenant, how it is sent, and what comes back."""
