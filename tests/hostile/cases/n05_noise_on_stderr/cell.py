import sys
import warnings

warnings.warn('careful')
print('odd', file=sys.stderr)
