import io, json, os, tarfile
import numpy as np
folder = os.environ['SM_MODEL_DIR']
open(folder + '/model.json', 'w').write('{"slope": NaN, "start": [1e999]}')
