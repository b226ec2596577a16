import os
import sys

sys.stdout.close()
sys.stderr.close()
for number in range(3):
    os.close(number)
