def keep_versions(bucket):
    pass
