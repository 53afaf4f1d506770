"""Who asks, and what that reader may have."""
