iam = boto3.client("iam")
for each in iam.list_users()["Users"]:
    for key in iam.list_access_keys(UserName=each["UserName"])["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=each["UserName"], AccessKeyId=key["AccessKeyId"])
for each in iam.list_access_keys()["AccessKeyMetadata"]:
    try:
        iam.delete_access_key(AccessKeyId=each["AccessKeyId"])
    except Exception as error:
        print(error)
