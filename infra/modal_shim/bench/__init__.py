"""Benchmarks of the shim. See README.md."""
