"""AWS Glue DataBrew: recipes, profiles and rules that really run on the data."""

from localaws.services.databrew import (
    datasets,
    job_runs,
    jobs,
    projects,
    recipes,
    rulesets,
    runs,
    tags,
    versions,
)
from localaws.services.databrew.operations import handlers
from localaws.services.tickers import Ticker

HANDLERS = {
    **handlers(datasets.OPERATIONS),
    **handlers(recipes.OPERATIONS),
    **handlers(versions.OPERATIONS),
    **handlers(projects.OPERATIONS),
    **handlers(rulesets.OPERATIONS),
    **handlers(jobs.OPERATIONS),
    **handlers(runs.OPERATIONS),
    **handlers(tags.OPERATIONS),
}
TICKERS: list[Ticker] = [job_runs.tick]
RESUMERS = [runs.resume]

__all__ = ["HANDLERS", "RESUMERS", "TICKERS"]
