"""The search space: dimensions over dotted paths of an objective's config, and conditions."""

from tuner.space.choice import Choice
from tuner.space.dimensions import Dimension
from tuner.space.range import Range
from tuner.space.search_space import SearchSpace

__all__ = ["Choice", "Dimension", "Range", "SearchSpace"]
