"""A page with nothing but the panel of the cross-validation."""

from pages.parts.folds import folds
from pages.parts.state import open_here

folds(open_here())
