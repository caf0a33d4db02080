"""Authoring of labs: from one source folder to the notebooks that learners open."""
