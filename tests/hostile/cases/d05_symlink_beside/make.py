def place(folder, environment):
    (folder / "notes.txt").symlink_to(environment["HOME"] + "/secret")
