"""What the receiver counts, for Prometheus to collect."""
