"""The engine that finds personal data, behind Amazon Comprehend and Amazon Macie.

It runs in processes of its own: one that is kept warm and answers texts
(`answering`), and one for each job (`python -m localaws.pii FOLDER`). Patterns stand in
`recognizers.yaml`, names and places come from spaCy's small English model.
"""
