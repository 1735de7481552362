"""`oxigraph serve` for the benchmarks, and how many bytes go to and from it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BIN = Path(sys.executable).parent
_CHUNK = 1 << 18


class Served:
    """A server: its addresses, the bytes that went through `counted`, and what it has used so far."""

    def __init__(self, process: subprocess.Popen[bytes], counted: int) -> None:
        self._process = process
        self.query = f"http://127.0.0.1:{counted}/query"
        self.store = f"http://127.0.0.1:{counted}/store"
        self.bytes = 0

    def megabytes(self) -> float:
        """Return the most memory that the server has had so far (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def cpu(self) -> float:
        """Return the seconds that the server has computed so far (Linux)."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def oxigraph(location: Path) -> Iterator[Served]:
    """Run a server over a folder, with a relay before it that counts; both take connections when this returns."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command: list[str | Path] = [_BIN / "oxigraph", "serve", "--location", location, "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while True:
            if server.poll() is not None:
                raise RuntimeError("the server ended by itself")
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        with socket.create_server(("127.0.0.1", 0)) as door:
            served = Served(server, door.getsockname()[1])
            threading.Thread(target=_relay, args=(door, port, served), daemon=True).start()
            yield served
    finally:
        server.kill()
        server.wait()


def _relay(door: socket.socket, port: int, served: Served) -> None:
    with suppress(OSError):
        while True:
            client, _ = door.accept()
            there = socket.create_connection(("127.0.0.1", port))
            for one, other in ((client, there), (there, client)):
                # Small parts are not to wait for each other: that would be forty milliseconds a request.
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pass, args=(one, other, served), daemon=True).start()


def _pass(one: socket.socket, other: socket.socket, served: Served) -> None:
    with suppress(OSError):
        while chunk := one.recv(_CHUNK):
            other.sendall(chunk)
            served.bytes += len(chunk)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
