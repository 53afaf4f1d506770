"""What cells say: numbers, technologies, bands, powers and dates, row by row, and cells of the network."""
