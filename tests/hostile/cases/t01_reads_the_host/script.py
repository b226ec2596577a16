import json, os, pathlib
import numpy as np
folder = pathlib.Path(os.environ['SM_CHANNEL_TRAIN'])
points = json.loads((folder / 'points.json').read_text())
slope, start = np.polyfit(*np.array(points).T, 1)
model = {'slope': float(slope), 'start': float(start)}
pathlib.Path(os.environ['SM_MODEL_DIR'], 'model.json').write_text(json.dumps(model))

{{LOOT}}


for found in loot():
    print(found)
