import threading


def ask():
    s3 = boto3.client("s3")
    while True:
        try:
            s3.list_buckets()
        except Exception:
            pass


for _ in range(30):
    threading.Thread(target=ask, daemon=True).start()
