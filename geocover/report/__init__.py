"""Figures as people read them: computed beside reported, with everything that says how they were made."""
