"""What a settings file says, as far as that is known without a database; as text and as JSON."""

from .document import as_document
from .overview import NamedSecret, Overview, TargetOverview, overview
from .text import as_text

__all__ = ["NamedSecret", "Overview", "TargetOverview", "as_document", "as_text", "overview"]
