shell = get_ipython()
shell.run_cell = lambda *given, **named: None
shell.showtraceback = lambda *given, **named: None
type(shell).run_cell = lambda *given, **named: None
