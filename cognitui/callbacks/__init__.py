"""Callbacks: compose, sign and send them; verify and receive them."""
