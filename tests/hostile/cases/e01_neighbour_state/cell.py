names = [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]]
print(names)
