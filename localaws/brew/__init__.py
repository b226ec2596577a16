"""The engine of AWS Glue DataBrew: recipes, profiles and rules, on pandas.

`python -m localaws.brew FOLDER` runs the job that `FOLDER/job.json` describes, where
AWS has Spark. It is a program in a child process, with the credentials of the job's
role, and reaches the data through boto3. `documented`, `conditions` and `grammar` say
what may be asked for; they import nothing heavy, so that the service reads them too.
"""
