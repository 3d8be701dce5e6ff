"""The views of a running network, in the order of their tabs: one file each."""

from pages.parts.views.forecast import FORECAST
from pages.parts.views.view import View

VIEWS: tuple[View, ...] = (FORECAST,)
"""The page shows those that apply to its experiment."""

__all__ = ["VIEWS", "View"]
