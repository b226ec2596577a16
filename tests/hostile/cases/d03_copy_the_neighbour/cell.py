import json
import os

for place in ("{{CASES}}", "..", "../..", "/submissions", "/work", "/tmp", "{{OUT}}"):
    for folder, _, names in os.walk(place):
        for name in names:
            if name.endswith(".ipynb"):
                try:
                    with open(os.path.join(folder, name)) as file:
                        cells = json.load(file)["cells"]
                except (OSError, ValueError, KeyError):
                    continue
                for cell in cells:
                    if cell["cell_type"] == "code":
                        exec("".join(cell["source"]), globals())
