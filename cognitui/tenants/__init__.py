"""The tenants a person works with: profiles, and the vault that keeps their keys."""
