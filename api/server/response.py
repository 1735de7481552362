"""A response on its way out: what every one carries, and the shortest way that it can take."""

from starlette.types import Message, Scope, Send

from civicgraph.api.server.quick import direct_of
from civicgraph.api.server.security import finished


class Response:
    """Sends a response, and takes note of its status and of the bytes of its body.

    One that is there as a whole goes to the connection at once, where the server lets it.

    Parameters
    ----------
    scope
        The request.
    send
        The way through the server.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        self.status = 0
        self.size = 0
        self.repeated: tuple[bytes, bytes] | None = None
        """The request's very bytes, and the response's after the date, where both are known."""
        self._send = send
        self._direct = direct_of(scope)
        self._client = scope["client"][0] if scope.get("client") else ""
        self._from_page = any(name == b"origin" for name, _ in scope["headers"])
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = finished(message.get("headers", ()), from_page=self._from_page)
            started = {**message, "headers": headers}
            if self._direct is not None and any(name == b"content-length" for name, _ in headers):
                self._start = started  # its body comes next, as a whole
            else:
                await self._send(started)
            return
        body = message.get("body", b"")
        self.size += len(body)
        start, self._start = self._start, None
        if start is not None:
            if self._direct is not None and not message.get("more_body", False):
                content = self._direct.send(self.status, start["headers"], body)
                if content is not None:
                    # Who asks through a proxy is told by a header that anybody could send.
                    if self._direct.request is not None and self._direct.peer == self._client:
                        self.repeated = self._direct.request, content
                    return
            await self._send(start)
        await self._send(message)
