s3 = boto3.client("s3")
s3.create_bucket(Bucket="large-object-of-nobody")
try:
    upload = s3.create_multipart_upload(Bucket="large-object-of-nobody", Key="x")
    body = b"x" * (64 << 20)
    for number in range(1, 200):
        s3.upload_part(
            Bucket="large-object-of-nobody", Key="x", PartNumber=number,
            UploadId=upload["UploadId"], Body=body,
        )
except Exception as error:
    print(type(error))
