"""A local server of Modal's gRPC services for tests and rehearsals. What it honours: `CONFORMANCE.md`."""
