"""Hands that press, click, paste and resize at random, and eyes that see what breaks."""
