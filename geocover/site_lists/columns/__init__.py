"""What the columns of a table mean: heads by synonyms, guesses by values, what the partner says."""
