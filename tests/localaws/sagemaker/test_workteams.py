"""The private workforce and its work teams."""

import pytest
from botocore.exceptions import ClientError

POOL = {"UserPool": "us-east-1_desk", "ClientId": "portal"}
OIDC = {
    "ClientId": "desk",
    "ClientSecret": "hush",
    "Issuer": "https://id.example.com",
    "AuthorizationEndpoint": "https://id.example.com/authorize",
    "TokenEndpoint": "https://id.example.com/token",
    "UserInfoEndpoint": "https://id.example.com/user",
    "LogoutEndpoint": "https://id.example.com/logout",
    "JwksUri": "https://id.example.com/keys",
}


def members(*groups, **pool):
    return [
        {"CognitoMemberDefinition": {**POOL, **pool, "UserGroup": one}}
        for one in groups
    ]


def make(aws, name="desk", given=None, **more):
    return aws("sagemaker").create_workteam(
        WorkteamName=name,
        Description="The desk",
        MemberDefinitions=given or members("readers"),
        **more,
    )["WorkteamArn"]


def test_a_team_brings_the_workforce_of_its_user_pool(aws):
    sagemaker = aws("sagemaker")
    arn = make(aws, Tags=[{"Key": "case", "Value": "letters"}])
    assert arn.endswith(":workteam/private-crowd/desk")
    found = sagemaker.describe_workteam(WorkteamName="desk")["Workteam"]
    assert found["MemberDefinitions"] == members("readers")
    assert found["WorkforceArn"].endswith(":workforce/private-crowd/default")
    assert found["CreateDate"] == found["LastUpdatedDate"]
    force = sagemaker.describe_workforce(WorkforceName="default")["Workforce"]
    assert (force["CognitoConfig"], force["Status"]) == (POOL, "Active")
    assert force["SubDomain"] == found["SubDomain"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "case", "Value": "letters"}
    ]


def test_a_team_is_changed_listed_and_deleted(aws):
    sagemaker = aws("sagemaker")
    for name in ("desk", "dock", "gate"):
        make(aws, name)
    changed = sagemaker.update_workteam(
        WorkteamName="dock", MemberDefinitions=members("a", "b"), Description="Dock"
    )["Workteam"]
    assert changed["LastUpdatedDate"] > changed["CreateDate"]
    page = sagemaker.list_workteams(NameContains="d", SortBy="Name", MaxResults=1)
    assert [one["WorkteamName"] for one in page["Workteams"]] == ["desk"]
    page = sagemaker.list_workteams(
        NameContains="d", SortBy="Name", NextToken=page["NextToken"]
    )
    (dock,) = page["Workteams"]
    assert dock["Description"] == "Dock"
    assert len(dock["MemberDefinitions"]) == 2
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.delete_workforce(WorkforceName="default")
    for name in ("desk", "dock", "gate"):
        assert sagemaker.delete_workteam(WorkteamName=name)["Success"] is True
    sagemaker.delete_workforce(WorkforceName="default")
    assert sagemaker.list_workforces()["Workforces"] == []


def test_a_workforce_of_a_provider_keeps_no_secret(aws):
    sagemaker = aws("sagemaker")
    given = [{"OidcMemberDefinition": {"Groups": ["readers"]}}]
    with pytest.raises(ClientError, match="CreateWorkforce first"):
        make(aws, given=given)
    sagemaker.create_workforce(WorkforceName="desk", OidcConfig=OIDC)
    make(aws, given=given, WorkforceName="desk")
    (force,) = sagemaker.list_workforces(NameContains="des")["Workforces"]
    assert force["OidcConfig"] == {k: v for k, v in OIDC.items() if k != "ClientSecret"}
    with pytest.raises(ClientError, match="already a workforce"):
        sagemaker.create_workforce(WorkforceName="next", CognitoConfig=POOL)
    with pytest.raises(ClientError, match="takes no Cognito"):
        make(aws, "other")


def test_mistakes_are_refused(aws):
    sagemaker = aws("sagemaker")
    both = [*members("a"), {"OidcMemberDefinition": {"Groups": ["b"]}}]
    with pytest.raises(ClientError, match="all of"):
        make(aws, given=both)
    with pytest.raises(ClientError, match="exactly one of"):
        sagemaker.create_workforce(WorkforceName="none")
    make(aws)
    with pytest.raises(ClientError, match="ResourceInUse"):
        make(aws)
    with pytest.raises(ClientError, match="must be those of the workforce"):
        make(aws, "other", members("a", ClientId="another"))
    with pytest.raises(ClientError, match="must be those of the workforce"):
        sagemaker.update_workteam(
            WorkteamName="desk", MemberDefinitions=members("a", UserPool="x_1")
        )
    with pytest.raises(ClientError, match="MemberDefinitions or Description"):
        sagemaker.update_workteam(WorkteamName="desk")
    for call in (sagemaker.describe_workteam, sagemaker.delete_workteam):
        with pytest.raises(ClientError, match="private-crowd/nobody"):
            call(WorkteamName="nobody")
    with pytest.raises(ClientError, match="NotificationConfiguration"):
        make(aws, "told", NotificationConfiguration={"NotificationTopicArn": ""})
    for number in range(24):
        make(aws, f"team-{number}")
    with pytest.raises(ClientError, match="at most 25"):
        make(aws, "last")
