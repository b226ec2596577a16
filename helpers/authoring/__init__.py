"""What authors run: `python -m helpers.authoring COMMAND`. No notebook imports it."""
