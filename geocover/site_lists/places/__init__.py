"""Where sites are: coordinates as they are written, VN-2000 zones, communes old and new, duplicates."""
