"""Helper package of the mlcourse labs: what a course needs around the real tools.

Importing it loads no third-party package; each part loads what it needs on use.
"""

__version__ = "0.1.0"
