import io, json, os, tarfile
import numpy as np
folder = os.environ['SM_MODEL_DIR']
with open(folder + '/model.json', 'w') as file:
    for _ in range(1024):
        file.write(' ' * (1 << 20))
