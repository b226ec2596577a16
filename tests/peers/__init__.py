"""Other graders, on the same submissions as ours."""
