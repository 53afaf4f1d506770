"""HTTP itself: bodies, languages, codings, problems, security."""
