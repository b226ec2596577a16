"""The engine of Amazon Macie's jobs: objects, what is sensitive in them, and where."""
