"""Run in a C session: an editor on ttclient, which saves once before it is done."""

from __future__ import annotations

import ttclient
from ttclient import desktop, media


def main() -> None:
    with desktop.open("editor", "vendor", "1.0") as tt:

        @tt.handle("Edit")
        def edit(message: ttclient.Message) -> object:
            tt.accept_contract(message)
            media.deposit(message, b"half", timeout=20)
            media.load_reply(message, b"new bytes")
            return ttclient.LATER

        print("ready", flush=True)
        tt.run()


if __name__ == "__main__":
    main()
