"""The ttsession process: event loop, listeners, who is let in, procedures, tools, signals, shutdown."""
