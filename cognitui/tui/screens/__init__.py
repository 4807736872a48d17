"""One file for each place and each dialog."""
