def place(folder, environment):
    path = folder / "lab.ipynb"
    text = path.read_text()
    path.write_bytes((b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [' + b'{"cell_type":"code","source":"","metadata":{}},' * 250_000 + b'{"cell_type":"code","source":"","metadata":{}}]}'))
