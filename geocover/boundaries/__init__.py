"""Commune boundaries: import, fetch, check, and the schematic ones that ship with the package."""
