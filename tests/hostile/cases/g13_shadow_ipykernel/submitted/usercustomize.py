import os

os.environ['TAKEN'] = '1'
raise SystemExit('taken')
