"""The loop in which one process answers requests."""

import gc
import socket

import uvicorn

from civicgraph.api.app import Application
from civicgraph.api.server.quick import quick_protocol

GRACE = 5
"""Seconds in which answers that have begun may end when the server is told to."""


def answer_requests(app: Application, listener: socket.socket) -> None:
    """Answer what comes to a socket until this process is told to end.

    Parameters
    ----------
    app
        What answers.
    listener
        A socket that listens.
    """
    config = uvicorn.Config(
        app,
        http=quick_protocol(app.door.at_hand, app.look_up),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    uvicorn.Server(config).run(sockets=[listener])
