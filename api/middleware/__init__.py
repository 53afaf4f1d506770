"""What stands around every address: limits, names and counts, answers given before."""
