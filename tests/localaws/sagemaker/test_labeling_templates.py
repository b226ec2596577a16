"""RenderUiTemplate."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localaws.sagemaker.labelled import CLASSIFIER, IMAGE


def rendered(aws, role, template, given):
    return aws("sagemaker").render_ui_template(
        UiTemplate={"Content": template},
        Task={"Input": json.dumps(given)},
        RoleArn=role,
    )


def test_a_page_shows_the_task(aws, role, bucket):
    given = {"taskObject": "<b>late</b> & lost", "labels": ["a", "b"]}
    found = rendered(aws, role, CLASSIFIER, given)
    assert found["Errors"] == []
    page = found["RenderedContent"]
    assert "&lt;b&gt;late&lt;/b&gt; &amp; lost" in page
    assert 'categories="[&#34;a&#34;, &#34;b&#34;]"' in page
    image = {"taskObject": f"s3://{bucket}/sky.png", "labels": ["a"]}
    shown = rendered(aws, role, IMAGE, image)["RenderedContent"]
    assert f"/{bucket}/sky.png?" in shown
    plain = rendered(
        aws,
        role,
        "{{ task.input.x | skip_autoescape }}<crowd-input name=a>",
        {"x": "<b>"},
    )
    assert plain["RenderedContent"].startswith("<b>")


def test_what_is_wrong_with_a_template_is_told(aws, role):
    for template, code in (
        ("{% for x in %}", "InvalidTemplate"),
        ("{{ task.input | unheard_of }}", "InvalidTemplate"),
        ("{% for x in (1..900000000) %}x{% endfor %}", "InvalidTemplate"),
        ("<p>Read this</p>", "NoAnswerElement"),
    ):
        (error,) = rendered(aws, role, template, {})["Errors"]
        assert error["Code"] == code


def test_wrong_requests_are_refused(aws, role):
    sagemaker = aws("sagemaker")
    with pytest.raises(ClientError, match="not valid JSON"):
        sagemaker.render_ui_template(
            UiTemplate={"Content": "x"}, Task={"Input": "{x"}, RoleArn=role
        )
    with pytest.raises(ClientError, match="UiTemplate"):
        sagemaker.render_ui_template(Task={"Input": "{}"}, RoleArn=role)
    with pytest.raises(ClientError, match="Could not assume role"):
        rendered(aws, role + "x", CLASSIFIER, {})
