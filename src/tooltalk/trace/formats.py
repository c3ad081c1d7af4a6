"""The forms a trace can have, by the word of the script command ``format``."""

from __future__ import annotations

from typing import Final

from tooltalk.trace.form import TraceForm
from tooltalk.trace.lines import Trace
from tooltalk.trace.objects import JsonTrace
from tooltalk.trace.story import StoryTrace

FORMATS: Final[dict[str, type[TraceForm]]] = {"text": Trace, "story": StoryTrace, "json": JsonTrace}
