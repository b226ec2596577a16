def train_on_rows(bucket, job, points, role):
    return job
