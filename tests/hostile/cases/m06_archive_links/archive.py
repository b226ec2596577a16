member = tarfile.TarInfo("out")
member.type, member.linkname = tarfile.SYMTYPE, "/tmp"
tar.addfile(member)
member = tarfile.TarInfo("out/taken")
member.size = 5
tar.addfile(member, io.BytesIO(b"taken"))
member = tarfile.TarInfo("hard")
member.type, member.linkname = tarfile.LNKTYPE, "/etc/passwd"
tar.addfile(member)
