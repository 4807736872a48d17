"""What was done and what came of it: records, the log that keeps them, metrics, the monitor."""
