s3 = boto3.client("s3")
s3.create_bucket(Bucket="ten-thousand-objects")
for number in range(10_000):
    s3.put_object(Bucket="ten-thousand-objects", Key=str(number), Body=b"")
