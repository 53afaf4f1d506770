"""Elevation for the models: partners' files or the open Copernicus DEM, checked and on one grid."""
