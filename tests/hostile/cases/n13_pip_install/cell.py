%pip install --quiet requests-that-is-not-there
