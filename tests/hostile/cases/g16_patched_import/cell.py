import builtins


def fake(name, *given, **named):
    raise SystemExit(name)


builtins.__import__ = fake
