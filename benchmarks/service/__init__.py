"""The service on loopback, beside other servers of the same data (`make bench-api`)."""
