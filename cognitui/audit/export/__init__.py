"""The audit log for others to read: JSON Lines, CSV, or a report as one HTML file."""
