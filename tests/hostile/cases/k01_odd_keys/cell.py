s3 = boto3.client("s3")
s3.create_bucket(Bucket="keys-of-every-kind")
for key in ("../../../../tmp/taken", "/etc/passwd", "a" * 1024, "\x1b[31mred", "=1+1", "<b>x</b>", "a//b/../c"):
    try:
        s3.put_object(Bucket="keys-of-every-kind", Key=key, Body=b"x")
    except Exception as error:
        print(error)
