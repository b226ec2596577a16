import io, json, os, tarfile
import numpy as np
folder = os.environ['SM_MODEL_DIR']
os.mkdir(folder + '/model.json')
os.mkfifo(folder + '/pipe')
