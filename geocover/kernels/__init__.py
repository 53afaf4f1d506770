"""Compiled kernels: arrays and scalars in, arrays and scalars out; each names the equation it follows."""
