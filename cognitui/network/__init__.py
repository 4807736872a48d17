"""Where an address leads, and the way there in stages: names, connections, certificates."""
