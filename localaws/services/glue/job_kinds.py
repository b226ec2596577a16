"""The kinds of jobs, by the name of their command."""

SPARK, SHELL, STREAM = "glueetl", "pythonshell", "gluestreaming"
