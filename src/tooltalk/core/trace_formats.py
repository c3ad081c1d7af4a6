"""The forms a trace can have, by the word of the script command ``format``."""

from __future__ import annotations

from typing import Final

from tooltalk.core.trace import Trace
from tooltalk.core.trace_form import TraceForm
from tooltalk.core.trace_json import JsonTrace
from tooltalk.core.trace_story import StoryTrace

FORMATS: Final[dict[str, type[TraceForm]]] = {"text": Trace, "story": StoryTrace, "json": JsonTrace}
