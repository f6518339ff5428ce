"""`python -m sandbox.aws --port 0`: serves it on 127.0.0.1 and prints the address it took."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from sandbox.aws import automation, numbers, refreshes, stores, targets
from sandbox.aws.door import Door
from sandbox.aws.platform import PLATFORM


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--world", default="", help="the demo world whose numbers CloudWatch shows")
    given = asked.parse_args()
    for each in (automation, refreshes, stores, targets):
        each.extend()
    if given.world:
        numbers.extend(given.world)
    inside = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", given.port, Door(inside), threaded=True, request_handler=MotoRequestHandler
    )
    PLATFORM.url = f"http://127.0.0.1:{server.server_port}"
    # From another thread: shutdown waits for the loop that this signal interrupts.
    signal.signal(
        signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start()
    )
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201
    server.serve_forever()
    sys.exit(0)


if __name__ == "__main__":
    main()
