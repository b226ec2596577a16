for name, kind in (("train.py", tarfile.FIFOTYPE), ("zero", tarfile.CHRTYPE)):
    member = tarfile.TarInfo(name)
    member.type, member.devmajor, member.devminor = kind, 1, 5
    tar.addfile(member)
