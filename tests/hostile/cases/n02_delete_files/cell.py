import shutil

for place in ("{{ROOT}}", "{{CASES}}", "{{HOME}}", "/tmp", "/work", "/usr", "."):
    shutil.rmtree(place, ignore_errors=True)
