import os
import socket
from urllib.parse import urlsplit

url = urlsplit(boto3.client("s3").meta.endpoint_url)
held = []
try:
    for _ in range(400):
        held.append(socket.create_connection((url.hostname, url.port), 1))
        held[-1].send(b"GET / HTTP/1.1\r\n")
except OSError:
    pass
