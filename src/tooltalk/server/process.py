"""The life of one server process, from its settings to its exit status (spec 02 section 3)."""

from __future__ import annotations

import os

from tooltalk.errors import Unavailable
from tooltalk.model.enums import AuthLevel
from tooltalk.server import messages
from tooltalk.server.announcement import Announcement
from tooltalk.server.daemon import Readiness, go_to_background
from tooltalk.server.descriptors import fill_standard, give_up, is_pipe, print_text
from tooltalk.server.display import OtherSession
from tooltalk.server.inherited import take
from tooltalk.server.log import STDERR, Log
from tooltalk.server.service import Service
from tooltalk.server.settings import Settings
from tooltalk.server.signals import Interrupted, Signals
from tooltalk.server.spawn import Spawner
from tooltalk.server.terminal import Terminal


def run(settings: Settings, log: Log) -> int:
    """Serve a session as ``settings`` say. In the background only the launcher returns soon."""
    fill_standard()
    try:
        announcement = Announcement(os.environ, log, settings.limits.notify_seconds)
        settings.inherited = take(os.environ, os.geteuid())
    except Unavailable as trouble:
        log(str(trouble))
        return 1
    if not settings.background:
        terminal = Terminal()
        try:
            return _serve(settings, log, announcement, None)
        finally:
            terminal.give_back()
    place = go_to_background(log, settings.limits.ready_seconds)
    return _serve(settings, log, announcement, place) if isinstance(place, Readiness) else place


def _serve(settings: Settings, log: Log, announcement: Announcement, readiness: Readiness | None) -> int:
    signals = Signals()
    service = Service(settings, signals, _spawner(settings, log), log)
    try:
        service.open()
        if settings.level == AuthLevel.NONE:
            log(messages.LEVEL_NONE())
        announcement.publish(service.address)
        _announce(settings, service, log, readiness)
        announcement.ready(service.address)
        return service.run()
    except OtherSession as other:
        log(str(other))
        return 2
    except Unavailable as trouble:
        log(str(trouble))
        return 1
    except Interrupted:
        log(messages.EXITING())
        return 1
    except BrokenPipeError:
        # Nobody waits for the session any more.
        return 1
    finally:
        announcement.stopping()
        service.close()
        signals.close()


def _spawner(settings: Settings, log: Log) -> Spawner:
    spawner = Spawner()
    if settings.more_files:
        try:
            spawner.raise_descriptor_limit()
        except (OSError, ValueError) as error:
            log(messages.DESCRIPTORS_KEPT(error))
    return spawner


def _announce(settings: Settings, service: Service, log: Log, readiness: Readiness | None) -> None:
    """Say that clients can come: to the launcher, or on standard output."""
    text = f"{service.address}\n" if settings.print_address else ""
    if readiness is None:
        print_text(text)
        return
    readiness.announce(text)
    log(messages.STARTING())
    log.use_syslog()
    # A terminal or a file stays for traces to come; whoever reads a pipe waits for its end.
    if is_pipe(STDERR) and not service.tracing:
        give_up(STDERR)
