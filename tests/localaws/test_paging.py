"""Pages of lists while what they list comes and goes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def groups(aws: Callable[[str], Any]) -> Any:
    """A client, and three model package groups that were made in this order."""
    sagemaker = aws("sagemaker")
    for name in ("one", "two", "three"):
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return sagemaker


def listed(sagemaker: Any, **members: Any) -> tuple[list[str], str | None]:
    """Return the names on one page, and the token of the next."""
    answer = sagemaker.list_model_package_groups(MaxResults=1, **members)
    found = answer["ModelPackageGroupSummaryList"]
    return [one["ModelPackageGroupName"] for one in found], answer.get("NextToken")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"SortOrder": "Ascending"}, ["one", "two", "three"]),
        ({"SortOrder": "Descending"}, ["three", "two", "one"]),
        ({"SortBy": "Name"}, ["one", "three", "two"]),
    ],
)
def test_what_is_deleted_between_pages_hides_nothing(
    groups: Any, order: dict[str, str], expected: list[str]
) -> None:
    shown, token = [], None
    while True:
        page = {"NextToken": token} if token else {}
        names, token = listed(groups, **order, **page)
        for name in names:
            groups.delete_model_package_group(ModelPackageGroupName=name)
        shown += names
        if token is None:
            break
    assert shown == expected


def test_what_comes_between_pages_is_not_shown_twice(groups: Any) -> None:
    newest_first = {"SortOrder": "Descending"}
    names, token = listed(groups, **newest_first)
    assert names == ["three"]
    groups.create_model_package_group(ModelPackageGroupName="four")
    names, token = listed(groups, **newest_first, NextToken=token)
    assert names == ["two"]


@pytest.mark.parametrize("token", ["x", "Mg==", "e30="])
def test_a_token_that_was_not_given_out_is_refused(groups: Any, token: str) -> None:
    with pytest.raises(ClientError, match="NextToken is not one") as caught:
        listed(groups, NextToken=token)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_the_tenth_of_one_moment_follows_the_ninth(groups: Any) -> None:
    inference = {
        "Containers": [{"Image": "image:1"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    # versions made side by side have one time by chance: three groups, three chances
    for name in ("one", "two", "three"):
        asked = {"ModelPackageGroupName": name, "InferenceSpecification": inference}
        with ThreadPoolExecutor(10) as pool:
            calls = [
                pool.submit(groups.create_model_package, **asked) for _ in range(12)
            ]
        assert not [call.exception() for call in calls if call.exception()]
        pages = groups.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=name,
            SortOrder="Ascending",
            PaginationConfig={"PageSize": 1},
        )
        found = [
            one["ModelPackageVersion"]
            for page in pages
            for one in page["ModelPackageSummaryList"]
        ]
        assert found == [*range(1, 13)]
