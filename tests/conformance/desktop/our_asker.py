"""Run in a C session: gives a document away with ttclient to the program named by the arguments."""

from __future__ import annotations

import json
import subprocess
import sys

from ttclient import desktop, media, toolkit
from ttclient.media import LoadEvent, Op


class Told:
    """Hears how it is going."""

    def __init__(self, heard: list[list[object]]) -> None:
        self._heard = heard

    def status(self, text: str, tool: tuple[str, str, str]) -> None:
        self._heard.append(["Status", text, *tool])


def main() -> None:
    heard: list[list[object]] = []

    def news(event: LoadEvent) -> None:
        contents = (event.contents or b"").decode()
        heard.append([int(event.op), contents, int(event.message.state), int(event.message.status)])

    with desktop.open("asker", "vendor", "1.0", send_started=False) as tt:
        worker = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
        assert worker.stdout is not None
        worker.stdout.readline()
        request = media.load(Op.EDIT, "ISO_Latin_1", b"hel\0lo", title="Title", callback=news, send=False)
        tt.manage_subcontract(request, Told(heard))
        request.send()
        toolkit.block_while(lambda: not heard or heard[-1][0] != Op.EDIT, 20)
        worker.kill()
        worker.wait()
    print(json.dumps(heard))


if __name__ == "__main__":
    main()
