"""One query worker as the server's event loop sees it: frames in, frames out, and a time by which they must come."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, cast

from civicgraph.graph.engine.asking import QueryCrashError
from civicgraph.graph.engine.frames import CHUNK, FORMAT, HEAD

_HIGH: Final = 1 << 20
"""Bytes that may wait for a slow reader before the worker is made to wait."""

Frame = tuple[bytes, bytes]


class Channel(asyncio.Protocol):
    """A connection to a worker process.

    Parameters
    ----------
    pid
        The process.
    end
        What ends it, and may take a moment.
    """

    def __init__(self, pid: int, end: Callable[[int], None]) -> None:
        self.pid = pid
        self._end = end
        self.closed = False
        self._buffer = bytearray()
        self._frames: deque[Frame] = deque()
        self._waiting = 0
        self._paused = False
        self._wanted: asyncio.Future[None] | None = None
        self._listener: Callable[[], None] | None = None
        self._failure: Exception | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Cut what came into frames."""
        buffer = self._buffer
        buffer += data
        start, size = 0, len(buffer)
        while size - start >= HEAD.size:
            kind, length = HEAD.unpack_from(buffer, start)
            end = start + HEAD.size + length
            if end > size:
                break
            self._frames.append((kind, bytes(buffer[start + HEAD.size : end])))
            self._waiting += length
            start = end
        del buffer[:start]
        if self._waiting > _HIGH and self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, _: Exception | None) -> None:
        """Take note that the worker has ended."""
        self.closed = True
        self._wake()

    def send(self, content: bytes) -> None:
        """Send frames."""
        if self._transport is not None and not self.closed:
            self._transport.write(content)

    def fail(self, failure: Exception) -> None:
        """Let whoever waits for a frame, now or next, be told why none comes."""
        self._failure = self._failure or failure
        self._wake()

    async def next(self) -> Frame:
        """Return the next frame.

        Raises
        ------
        StoppedError
            The time is up, or the worker ended by itself.
        """
        while True:
            if self._failure is not None:
                raise self._failure
            if self._frames:
                return self._pop()
            if self.closed:
                msg = "the query took more memory than it may"
                raise QueryCrashError(msg)
            self._wanted = asyncio.get_running_loop().create_future()
            await self._wanted

    def next_at_hand(self) -> Frame | None:
        """Return the next frame if it has come already."""
        return self._pop() if self._frames and self._failure is None else None

    def listen(self, listener: Callable[[], None] | None) -> None:
        """Call somebody whenever something has come or the worker has ended; nobody any more for None."""
        self._listener = listener

    def answer_at_hand(self) -> Sequence[Frame] | None:
        """Return the frames of the next answer if all of them have come, and else None."""
        frames = self._frames
        for count, (kind, _) in enumerate(frames, 1):
            if kind not in (FORMAT, CHUNK):
                return [self._pop() for _ in range(count)]
        return None

    @property
    def frames_at_hand(self) -> int:
        """How many frames have come and are not taken."""
        return len(self._frames)

    def close(self) -> None:
        """Close the connection."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def end_process(self) -> None:
        """End the worker's process."""
        self._end(self.pid)

    def _pop(self) -> Frame:
        kind, content = self._frames.popleft()
        self._waiting -= len(content)
        if self._paused and self._waiting <= _HIGH // 2 and self._transport is not None and not self.closed:
            self._paused = False
            self._transport.resume_reading()
        return kind, content

    def _wake(self) -> None:
        if self._listener is not None:
            self._listener()
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)
