"""Ways out of a room, each with what the kernel must answer.

The source sets `answer` to what came through, or to None where nothing did; an error
that the way out ends with counts as refused.
"""

CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *arguments):
    got = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got
"""

# Files: {name} stands for what the fixture laid out
FILES = {
    "a file of the grader": "answer = open({canary!r}).read()",
    "the grader's folder": "import os; answer = os.listdir({folder!r})",
    "a home": "import os; "
    "answer = [n for n in os.listdir({home!r}) if n not in {way!r}] or None",
    "a home's keys": "import os; answer = open({home!r} + '/.bashrc').read()",
    "solutions": "import os; answer = os.listdir({root!r} + '/solutions')",
    "tests": "import os; answer = os.listdir({root!r} + '/tests')",
    "labs": "import os; answer = os.listdir({root!r} + '/labs')",
    "the history": "import os; answer = os.listdir({root!r} + '/.git')",
    "checks": "import os; answer = os.listdir({root!r} + '/helpers/checks') or None",
    "the lab's folder": "import os; answer = os.listdir('/lab') or None",
    "accounts": "answer = {user!r} in open('/etc/passwd').read() or None",
    "shadow": "answer = open('/etc/shadow').read()",
    "root of the machine": "answer = __import__('os').listdir('/proc/1/root')",
    "up by dots": "answer = open('/desk/../../../../..' + {canary!r}).read()",
    "the kernel's memory": "answer = open('/proc/kcore', 'rb').read(1)",
    "a disk": "import os; answer = [d for d in os.listdir('/dev') if d[:2] in "
    "('vd', 'sd', 'nv', 'lo', 'dm')] or None",
    "the kernel's log": "answer = open('/dev/kmsg', 'rb').read(1)",
    "cgroups": "import os; answer = os.listdir('/sys/fs/cgroup')",
    "sysrq": "from pathlib import Path; "
    "Path('/proc/sysrq-trigger').write_text('h'); answer = 'written'",
    "a kernel setting": "from pathlib import Path; "
    "Path('/proc/sys/kernel/core_pattern').write_text('|/x'); "
    "answer = 'written'",
    "a limit of the room": "from pathlib import Path; "
    "Path('/proc/sys/user/max_user_namespaces').write_text('9'); answer = 'written'",
    "write to a library": "open({library!r}, 'a'); answer = 'written'",
    "write to the course": "open({root!r} + '/helpers/x', 'w'); answer = 'written'",
    "write to the system": "open('/usr/bin/x', 'w'); answer = 'written'",
    "write to the root": "open('/x', 'w'); answer = 'written'",
    "write to devices": "open('/dev/x', 'w'); answer = 'written'",
    "write to settings": "open('/etc/passwd', 'a'); answer = 'written'",
    "a device file": "import os, stat; os.mknod('/tmp/d', stat.S_IFBLK | 0o600, "
    "os.makedev(254, 0)); answer = 'made'",
    "a set-user program": "import os, subprocess; answer = "
    "(subprocess.run(['su', '-c', 'id'], capture_output=True, timeout=9).stdout "
    "or None)",
    "a set-user file": "import os, shutil, subprocess; shutil.copy('/usr/bin/id', "
    "'/tmp/id'); os.chmod('/tmp/id', 0o4755); got = subprocess.run(['/tmp/id'], "
    "capture_output=True, text=True).stdout; answer = 'euid' in got or None",
    "a core dump": "import resource; "
    "resource.setrlimit(resource.RLIMIT_CORE, (1, 1)); answer = 'allowed'",
}

PROCESSES = {
    "processes of others": "import os; n = [d for d in os.listdir('/proc') if "
    "d.isdecimal() and int(d) > 2 and int(d) != os.getpid()]; answer = n or None",
    "the environment of the first": "answer = open('/proc/1/environ').read() or None",
    "the memory of the first": "answer = open('/proc/1/mem', 'rb').read(1)",
    "the descriptors of the first": "import os; answer = os.listdir('/proc/1/fd')",
    "a signal to the first": "import os, time; os.kill(1, 9); time.sleep(0.05); "
    "answer = None",
    "a signal to all": "import os, signal; "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); os.kill(-1, 15); answer = None",
    "a signal to the grader": "import os; os.kill({pid}, 0); answer = 'reached'",
    "priority of the grader": "import os; os.setpriority(os.PRIO_PROCESS, {pid}, 1); "
    "answer = 'set'",
    "a higher priority": "import os; os.nice(-5); answer = 'got'",
    "real time": "import os; os.sched_setscheduler(0, os.SCHED_FIFO, "
    "os.sched_param(1)); answer = 'got'",
    "out of memory last": "from pathlib import Path; "
    "Path('/proc/self/oom_score_adj').write_text('-1000'); answer = 'set'",
    "out of memory of the first": "from pathlib import Path; "
    "Path('/proc/1/oom_score_adj').write_text('1000'); answer = 'set'",
    "more processes": "import resource; "
    "resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999)); answer = 'raised'",
    "more memory": "import resource; "
    "resource.setrlimit(resource.RLIMIT_DATA, (1 << 40, 1 << 40)); answer = 'raised'",
    "larger files": "import resource; "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40)); answer = 'raised'",
    "limits of the grader": "import resource; "
    "answer = resource.prlimit({pid}, resource.RLIMIT_NOFILE)",
    "memory that nobody has": "import os; answer = os.memfd_create('x')",
    "root": "import os; os.setuid(0); answer = os.getuid()",
    "another group": "import os; os.setgroups([0]); answer = os.getgroups()",
    "capabilities": "import re; text = open('/proc/self/status').read(); "
    "answer = [l for l in text.splitlines() if re.match('Cap(Prm|Eff|Bnd|Amb|Inh)', l)"
    " and int(l.split()[1], 16)] or None",
    "new privileges": "text = open('/proc/self/status').read(); "
    "answer = None if 'NoNewPrivs:\\t1' in text and 'Seccomp:\\t2' in text else text",
    "inherited descriptors": "import os; answer = [n for n in "
    "os.listdir('/proc/self/fd') if int(n) > 2 and int(n) != sock.fileno()"
    " and os.path.exists(f'/proc/self/fd/{{n}}')] or None",
    "typing into a terminal": "import fcntl; fcntl.ioctl(0, 0x5412, b'x'); "
    "answer = 'typed'",
    "another's terminal": "import os; answer = [n for n in os.listdir('/dev/pts') "
    "if n != 'ptmx'] or None",
}

NETWORK = {
    "a listener outside": "import socket; socket.create_connection({tcp!r}, 2); "
    "answer = 'connected'",
    "a listener on this machine's address": "import socket; "
    "socket.create_connection(({address!r}, {tcp[1]}), 2); answer = 'connected'",
    "a datagram": "import socket; s = socket.socket(socket.AF_INET, "
    "socket.SOCK_DGRAM); s.sendto(b'x', ('192.0.2.1', 53)); answer = 'sent'",
    "a datagram of IPv6": "import socket; s = socket.socket(socket.AF_INET6, "
    "socket.SOCK_DGRAM); s.sendto(b'x', ('2001:db8::1', 53)); answer = 'sent'",
    "a name": "import socket; answer = socket.getaddrinfo('aws.amazon.com', 443)",
    "the metadata service": "import socket; "
    "socket.create_connection(('169.254.169.254', 80), 2); answer = 'connected'",
    "an abstract socket outside": "import socket; s = socket.socket(socket.AF_UNIX); "
    "s.connect({abstract!r}); answer = 'connected'",
    "a socket file outside": "import socket; s = socket.socket(socket.AF_UNIX); "
    "s.connect({unix!r}); answer = 'connected'",
    "a raw socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); "
    "answer = 'made'",
    "a packet socket": "import socket; socket.socket(socket.AF_PACKET, "
    "socket.SOCK_RAW); answer = 'made'",
    "a socket to the host of a machine": "import socket; "
    "socket.socket(40, socket.SOCK_STREAM); answer = 'made'",
    "a socket of the kernel's ciphers": "import socket; "
    "socket.socket(38, socket.SOCK_SEQPACKET); answer = 'made'",
    "a socket of audit": "import socket; socket.socket(16, socket.SOCK_RAW, 9); "
    "answer = 'made'",
    "a socket of netfilter": "import socket; socket.socket(16, socket.SOCK_RAW, 12); "
    "answer = 'made'",
    "a route": "import socket, struct; s = socket.socket(16, socket.SOCK_RAW, 0); "
    "s.bind((0, 0)); s.send(struct.pack('=IHHII', 40, 16, 5, 1, 0) + "
    "struct.pack('=BxHiII', 0, 1, 1, 0, 1) + bytes(8)); "
    "answer = None if struct.unpack_from('=i', s.recv(4096), 16)[0] < 0 else 'down'",
    "other devices": "import socket; answer = [n for _, n in socket.if_nameindex() if "
    "n != 'lo'] or None",
}


def _call(name: str, number: int, *arguments: int) -> tuple[str, str]:
    given = ", ".join(map(str, (number, *arguments)))
    return name, f"{CALL}answer = f'{{{{call({given})}}}}'"


# numbers of x86-64; each fails by the filter before its arguments are looked at
CALLS = dict(
    [
        _call("ptrace", 101, 0),
        _call("process_vm_readv", 310, 1),
        _call("process_vm_writev", 311, 1),
        _call("kcmp", 312, 1),
        _call("pidfd_getfd", 438, 0),
        _call("process_madvise", 440, 0),
        _call("mount", 165),
        _call("umount", 166),
        _call("pivot_root", 155),
        _call("chroot", 161),
        _call("open_tree", 428, -100),
        _call("move_mount", 429),
        _call("fsopen", 430),
        _call("mount_setattr", 442),
        _call("a new user namespace", 272, 0x10000000),
        _call("a new network namespace", 272, 0x40000000),
        _call("clone into a user namespace", 56, 0x10000011),
        _call("clone3", 435, 0, 88),
        _call("setns", 308, 0),
        _call("keyctl", 250, 0, -3, 1),
        _call("add_key", 248),
        _call("request_key", 249),
        _call("a segment of System V", 29, 0, 4096, 0o1666),
        _call("a semaphore of System V", 64, 77, 1, 0o1666),
        _call("a queue of System V", 68, 77, 0o1666),
        _call("a queue of POSIX", 240),
        _call("memfd_create", 319),
        _call("memfd_secret", 447),
        _call("io_uring", 425, 8),
        _call("bpf", 321),
        _call("perf", 298),
        _call("userfaultfd", 323),
        _call("kexec", 246),
        _call("kexec by file", 320),
        _call("a module", 175),
        _call("a module by file", 313),
        _call("reboot", 169),
        _call("the clock", 227),
        _call("the time of day", 164),
        _call("swap", 167),
        _call("quotas", 179),
        _call("a handle of a file", 303),
        _call("opening by handle", 304),
        _call("personality", 135, 0x0040000),
        _call("accounting", 163),
        _call("fanotify", 300),
        _call("iopl", 172, 3),
        _call("modify_ldt", 154),
        _call("the kernel's log by call", 103, 3),
        _call("the name of the host", 170),
        _call("a call that nobody knows", 900),
        _call("a call of the other width", 0x40000000 + 39),
    ]
)
ESCAPES = {**FILES, **PROCESSES, **NETWORK, **CALLS}
