import urllib.request

base = boto3.client("s3").meta.endpoint_url
for page in ("moto-api/reset", "moto-api/data.json", "_localaws/status", "_localaws/reset"):
    for method in ("GET", "POST"):
        try:
            ask = urllib.request.Request(f"{base}/{page}", method=method, data=b"{}")
            print(urllib.request.urlopen(ask, timeout=2).read()[:100])
        except OSError as error:
            print(error)
