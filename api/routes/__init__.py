"""Addresses: parse, call geocover, answer; each module lists its own in ``router``."""
