"""The views of a running network, in the order of their tabs: one file each."""

from pages.parts.views.attention import ATTENTION
from pages.parts.views.code import CODE
from pages.parts.views.distributions import DISTRIBUTIONS
from pages.parts.views.features import FEATURES
from pages.parts.views.forecast import FORECAST
from pages.parts.views.mistakes import MISTAKES
from pages.parts.views.projection import PROJECTION
from pages.parts.views.quality import QUALITY
from pages.parts.views.recurrence import RECURRENCE
from pages.parts.views.trace import TRACE
from pages.parts.views.try_it import TRY_IT
from pages.parts.views.view import View

VIEWS: tuple[View, ...] = (
    TRY_IT,
    CODE,
    FORECAST,
    FEATURES,
    ATTENTION,
    RECURRENCE,
    DISTRIBUTIONS,
    PROJECTION,
    QUALITY,
    MISTAKES,
    TRACE,
)
"""The page shows those that apply to its experiment."""

__all__ = ["VIEWS", "View"]
