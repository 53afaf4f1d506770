"""The web application: parse, call geocover, return bytes."""
