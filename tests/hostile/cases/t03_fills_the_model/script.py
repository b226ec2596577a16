import os
with open(os.environ['SM_MODEL_DIR'] + '/x', 'wb') as file:
    for _ in range(50_000):
        file.write(b'x' * (1 << 20))
