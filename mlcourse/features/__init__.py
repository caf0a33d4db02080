"""What comes around Feast in a lab: a clean repository, and production replayed.

Feast itself is called by its own name. Nothing here imports it before a repository is
opened.
"""

from mlcourse.features.replay import replay
from mlcourse.features.repository import FeatureRepository, open_repository

__all__ = ["FeatureRepository", "open_repository", "replay"]
