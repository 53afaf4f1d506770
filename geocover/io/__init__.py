"""Reading and writing: areas, places, site lists, terrain, rasters."""
