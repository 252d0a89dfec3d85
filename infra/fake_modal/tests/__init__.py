"""Tests of the server, by the real SDK."""
