"""What a process that limited itself can no longer do, tried in processes of their own."""

import platform
import socket
import subprocess
import sys
from typing import Final

import pytest

ALLOWED = """
import civicgraph.graph.engine.sandbox as sandbox
"""
DENIED = (
    ALLOWED
    + """
if not sandbox.deny_sockets():
    raise SystemExit(77)
"""
)


def run(script: str, *arguments: str, timeout: float = 60) -> str:
    """Return what a script prints; skip the test where the system cannot deny sockets."""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout)
    if done.returncode == 77:
        pytest.skip("this system or machine has no filter for system calls that is known here")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "socket.create_connection(('127.0.0.1', int(sys.argv[1])))",
        # One that was opened before is still there, but leads nowhere.
        "before.connect(('127.0.0.1', int(sys.argv[1])))",
        "ctypes.CDLL(None, use_errno=True).syscall(425, 8, 0) == -1 and raise_last()",
    ],
)
def test_every_way_to_a_new_connection_is_denied(attempt: str) -> None:
    script = f"""
import ctypes, os, socket, sys
before = socket.socket()
def raise_last():
    raise OSError(ctypes.get_errno(), "denied")
{DENIED}
try:
    {attempt}
except PermissionError:
    print("denied")
"""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert run(script, str(listener.getsockname()[1])) == "denied"
        assert not has_caller(listener)


X86: Final = platform.machine() == "x86_64"


@pytest.mark.skipif(not X86, reason="only x86-64 has system calls of two other kinds")
def test_system_calls_by_other_numbers_are_denied() -> None:
    # The same call under the number of the x32 interface, which differs by one bit.
    script = f"""
import ctypes
{DENIED}
print(ctypes.CDLL(None, use_errno=True).syscall(0x40000029, 2, 1, 0), ctypes.get_errno())
"""
    assert run(script) == "-1 1"


@pytest.mark.skipif(not X86, reason="only x86-64 has system calls of two other kinds")
def test_system_calls_of_another_architecture_are_denied() -> None:
    # push rbx; mov eax, 359 (socket on i386); mov ebx, 2; mov ecx, 1; xor edx, edx; int 0x80; pop rbx; ret
    code = "53b867010000bb02000000b90100000031d2cd805bc3"
    script = f"""
import ctypes, mmap, sys
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(bytes.fromhex("{code}"))
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
before = call()
{DENIED}
print(before >= 0, call())
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    if done.returncode < 0 or done.stdout.startswith("False"):
        pytest.skip("this kernel answers no 32-bit system calls, so there is nothing to deny")
    assert done.stdout.strip() == "True -1", done.stderr


def test_files_pipes_threads_and_processes_still_work() -> None:
    script = f"""
import os, subprocess, sys, threading
{DENIED}
read, write = os.pipe()
threading.Thread(target=os.write, args=(write, b"piped")).start()
print(os.read(read, 5).decode(), len(open(sys.executable, "rb").read(4)), end=" ")
child = "import socket\\ntry: socket.socket()\\nexcept PermissionError: print('denied too')"
print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout)
"""
    # What it starts is under the same filter.
    assert run(script) == "piped 4 denied too"


ASK = """
import sys
from pyoxigraph import Store
try:
    Store().query("ASK { SERVICE <http://127.0.0.1:%s/> { ?s ?p ?o } }" % sys.argv[1])
except OSError:
    print("failed")
"""


def test_the_engine_itself_cannot_call_another_server() -> None:
    # The engine is asked past the check of the query's parse; the kernel stops it all the same.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert run(DENIED + ASK, str(listener.getsockname()[1])) == "failed"
        assert not has_caller(listener)


def test_the_engine_would_call_if_it_could() -> None:
    # Without the filter a connection arrives: the test above would see one.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        command = [sys.executable, "-c", ALLOWED + ASK, str(listener.getsockname()[1])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asking:
            caller, _ = listener.accept()
            caller.close()
            # It may try again, and ends once nobody listens.
            listener.close()
            assert asking.communicate()[0].strip() == "failed"


def has_caller(listener: socket.socket) -> bool:
    """Say whether anybody connected; whoever did is waiting, because the caller's process has ended."""
    listener.setblocking(False)
    try:
        caller, _ = listener.accept()
    except BlockingIOError:
        return False
    caller.close()
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is one of address space")
def test_address_space_that_nobody_writes_to_does_not_count() -> None:
    script = f"""
import mmap
{ALLOWED}
sandbox.limit_memory(1 << 26)
reserved = mmap.mmap(-1, 1 << 32, prot=mmap.PROT_READ)
try:
    mmap.mmap(-1, 1 << 27, flags=mmap.MAP_PRIVATE)
except OSError:
    print("refused")
"""
    assert run(script) == "refused"


def test_memory_beyond_the_limit_is_not_given_and_a_crash_leaves_no_core() -> None:
    script = f"""
import resource
{ALLOWED}
sandbox.limit_memory(1 << 30)
try:
    bytearray(2 << 30)
except MemoryError:
    print("refused", len(bytearray(1 << 20)), resource.getrlimit(resource.RLIMIT_CORE))
"""
    assert run(script) == f"refused {1 << 20} (0, 0)"
