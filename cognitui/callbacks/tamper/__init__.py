"""Attacks on how an endpoint verifies, made on purpose, and a report card of what came of them."""
