"""An audit log from the stream of a table: who changed what, when, and why."""

from .collector import Collector
from .personnel import Personnel
from .report import report
from .trail import Trail

__all__ = ["Collector", "Personnel", "Trail", "report"]
