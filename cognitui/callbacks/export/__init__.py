"""One callback, or many, in the forms that other programs read."""
