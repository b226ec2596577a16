member = tarfile.TarInfo("train.py")
member.size = 1 << 30


class Zeros(io.RawIOBase):
    def read(self, size=-1):
        return bytes(size)


tar.addfile(member, Zeros())
