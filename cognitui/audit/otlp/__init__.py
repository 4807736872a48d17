"""The audit log as OpenTelemetry metrics and logs, sent over OTLP/HTTP to a collector."""
