"""Filters of system calls, compiled outside by libseccomp.

What libseccomp does not know is refused too: a kernel newer than the library offers
calls that nobody here has judged.
"""

import contextlib
import errno
import functools
import socket
import tempfile
from types import ModuleType
from typing import Any

from helpers.grading.sandbox import kernel

ROOMS = ("student", "job", "service")
_KNOWN = 1024
# Nobody inside needs these: keys, tracing, the kernel itself, its clock, swap, io_uring
_NEVER = """
add_key request_key keyctl bpf perf_event_open userfaultfd io_uring_setup
io_uring_enter io_uring_register kexec_load kexec_file_load init_module finit_module
delete_module create_module query_module get_kernel_syms reboot settimeofday
clock_settime clock_adjtime adjtimex stime swapon swapoff quotactl quotactl_fd
open_by_handle_at name_to_handle_at acct lookup_dcookie nfsservctl vm86 vm86old
modify_ldt iopl ioperm pivot_root syslog vhangup fanotify_init fanotify_mark ptrace
process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd
move_pages migrate_pages uselib ustat sysfs _sysctl chroot sethostname setdomainname
mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgsnd
msgrcv msgctl remap_file_pages memfd_secret lsm_set_self_attr personality
"""
_NOT_FOR_JOBS = """
unshare setns mount umount umount2 move_mount open_tree open_tree_attr fsopen fsconfig
fsmount fspick mount_setattr memfd_create statmount listmount
"""
# PostgreSQL cannot start without these
_SHARED_MEMORY = """
shmget shmat shmctl shmdt semget semop semctl semtimedop
"""
_NEW_NAMESPACE = (
    kernel.NEW_TIME,
    kernel.NEW_MOUNTS,
    kernel.NEW_CGROUP,
    kernel.NEW_UTS,
    kernel.NEW_IPC,
    kernel.NEW_USER,
    kernel.NEW_PID,
    kernel.NEW_NET,
)
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_NETLINK, _HIGHEST_FAMILY = 16, 16
_OTHER_FAMILIES = {*range(_HIGHEST_FAMILY)} - {1, *map(int, _INTERNET)}
_RAW, _TYPES_OF_OTHERS, _TYPE_MASK, _LAST_PROTOCOL = 3, (3, 4, 5, 6, 10), 0xF, 17
# typing into a terminal, in the name of its owner
_FAKE_INPUT = (0x5412, 0x541C)
_LOW = 0xFFFFFFFF


@functools.cache
def compiled(room: str) -> tuple[bytes, ...]:
    """Compile the filters of one of the ROOMS: of system calls, of their arguments."""
    refused = set(_NEVER.split())
    if room != "service":
        refused |= {*_NOT_FOR_JOBS.split()}
    if room == "student":
        refused |= {*_SHARED_MEMORY.split()}
    return _calls(refused), _arguments(namespaces=room == "service")


@functools.cache
def _library() -> ModuleType:
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise ImportError(f"libseccomp cannot be loaded: {error}") from error
    return pyseccomp


def forget() -> None:
    """Forget the library and what it compiled."""
    compiled.cache_clear()
    _library.cache_clear()


def _calls(refused: set[str]) -> bytes:
    library = _library()
    program = library.SyscallFilter(library.ERRNO(errno.ENOSYS))
    program.set_attr(library.Attr.ACT_BADARCH, library.ERRNO(errno.ENOSYS))
    program.set_attr(library.Attr.CTL_OPTIMIZE, 2)
    for number, name in _known().items():
        action = library.ERRNO(errno.EPERM) if name in refused else library.ALLOW
        program.add_rule(action, number)
    return _exported(program)


def _known() -> dict[int, str]:
    library = _library()
    names = {}
    for number in range(_KNOWN):
        with contextlib.suppress(ValueError, OSError):
            name = library.resolve_syscall(library.Arch.NATIVE, number)
            names[number] = name.decode() if isinstance(name, bytes) else name
    return names


def _arguments(namespaces: bool) -> bytes:
    library = _library()
    program = library.SyscallFilter(library.ALLOW)
    program.set_attr(library.Attr.ACT_BADARCH, library.ERRNO(errno.ENOSYS))
    no, unknown = library.ERRNO(errno.EPERM), library.ERRNO(errno.EAFNOSUPPORT)
    argument, equal = library.Arg, library.EQ
    for call in ("socket", "socketpair"):
        program.add_rule(unknown, call, argument(0, library.GT, _HIGHEST_FAMILY))
        for family in sorted(_OTHER_FAMILIES):
            program.add_rule(unknown, call, argument(0, equal, family))
        for family in _INTERNET:
            internet = argument(0, equal, family)
            late = argument(2, library.GT, _LAST_PROTOCOL)
            program.add_rule(no, call, internet, late)
            for kind in _TYPES_OF_OTHERS:
                such = argument(1, library.MASKED_EQ, _TYPE_MASK, kind)
                program.add_rule(no, call, internet, such)
        netlink = argument(0, equal, _NETLINK)
        program.add_rule(no, call, netlink, argument(2, library.NE, 0))
    for request in _FAKE_INPUT:
        such = argument(1, library.MASKED_EQ, _LOW, request)
        program.add_rule(no, "ioctl", such)
    # its flags lie in memory, where no filter reads: libraries fall back to clone
    program.add_rule(library.ERRNO(errno.ENOSYS), "clone3")
    for flag in () if namespaces else _NEW_NAMESPACE:
        such = argument(0, library.MASKED_EQ, flag, flag)
        program.add_rule(no, "clone", such)
    return _exported(program)


def _exported(program: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()
