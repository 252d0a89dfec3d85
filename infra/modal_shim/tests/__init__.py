"""Tests of the shim: its parts alone, and the whole of it with the real SDK against `fake_modal`."""
