import os
import sys

os.environ.clear()
sys.path.insert(0, '/tmp')
os.environ['TZ'] = 'Asia/Tokyo'
