"""Many callbacks at once, each signed afresh, and how the endpoint bore them."""
