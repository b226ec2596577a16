for name in ("../../../../tmp/taken", "/tmp/taken", "train.py/../../x"):
    member = tarfile.TarInfo(name)
    member.size = 5
    tar.addfile(member, io.BytesIO(b"taken"))
