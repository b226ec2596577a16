"""What AWS keeps for labeling jobs, in accounts of its own."""

# Ground Truth's developer guide and the reference of HumanTaskConfig, 2026-11.
_FUNCTIONS = {"us-east-1": "432418664414"}
_CROWD = "394669845002"


def function(name: str, region: str) -> str:
    """Return the ARN of one of AWS's own functions, such as `PRE-TextMultiClass`.

    Raises:
        ValueError: In a Region whose account is not noted here.
    """
    if region not in _FUNCTIONS:
        raise ValueError(
            f"asked for {name} in {region}, known for {sorted(_FUNCTIONS)}: the "
            "reference of HumanTaskConfig lists the account of each Region"
        )
    return f"arn:aws:lambda:{region}:{_FUNCTIONS[region]}:function:{name}"


def public_team(region: str) -> str:
    """Return the ARN of the team that is the public workforce."""
    return f"arn:aws:sagemaker:{region}:{_CROWD}:workteam/public-crowd/default"
