"""What a query worker may not do: reach the network, or take all memory.

The engine follows `SERVICE` and `LOAD` to the network and has no switch for it. On Linux the kernel denies the
worker every new socket; elsewhere only the words of the query are looked at (see `tokens`).
"""

import ctypes
import errno
import platform
import resource
import struct
import sys
from pathlib import Path
from typing import Final

_DATA: Final = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS

_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2

# Classic BPF, see linux/filter.h and linux/seccomp.h.
_LOAD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_JUMP_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_DENY: Final = 0x00050000 | errno.EPERM
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4
_X32_BIT: Final = 0x40000000

_SYSTEM_CALLS: Final = {
    # machine: (audit architecture, numbers of socket, socketpair, connect and io_uring_setup)
    "x86_64": (0xC000003E, (41, 53, 42, 425)),
    "aarch64": (0xC00000B7, (198, 199, 203, 425)),
}

CAN_DENY_SOCKETS: Final = sys.platform == "linux" and platform.machine() in _SYSTEM_CALLS
"""Whether this system and machine can deny sockets."""


def limit_memory(more: int) -> None:
    """Let this process take no more than so many bytes beyond what it has; its allocations beyond that fail.

    What counts is data that can be written (RLIMIT_DATA), and not address space: the C library reserves 64 MB of that
    for each thread that allocates, and 8 MB for its stack, however little of it is ever used, and the engine has the
    more threads the more cores the machine has. Call this once they are there.

    Nor does the process leave a core file, as large as its memory, when it crashes for want of more.
    """
    _, hard = resource.getrlimit(_DATA)
    limit = _data_size() + more
    resource.setrlimit(_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _data_size() -> int:
    """Return how many bytes of data this process has, as the limit counts them; 0 where the system does not say."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def deny_sockets() -> bool:
    """Deny this process every new socket, for good; return whether the system can.

    To be called while the process has one thread: threads that run already keep what they may do.

    Raises
    ------
    OSError
        The kernel knows the machine but refuses the filter.
    """
    if not CAN_DENY_SOCKETS:
        return False
    program = _filter(*_SYSTEM_CALLS[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0)):
        if libc.prctl(*arguments) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"cannot deny sockets: {errno.errorcode.get(number, number)}")
    return True


def _filter(architecture: int, denied: tuple[int, ...]) -> bytes:
    numbers = len(denied)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        # Another architecture's calls have other numbers: none of them is let through.
        (_JUMP_IF_EQUAL, 0, numbers + 3, architecture),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_AT_LEAST, numbers + 1, 0, _X32_BIT),
        *((_JUMP_IF_EQUAL, numbers - i, 0, number) for i, number in enumerate(denied)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
