"""What show makes is the same each time, and reads well without rendering."""

import base64
import io

import matplotlib as mpl
import pandas as pd
import pytest
from IPython.utils.capture import capture_output
from PIL import Image

from helpers import show


def pictures(draw):
    """Collect what a drawing displays."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            draw()
        return captured.outputs
    finally:
        del shell
        InteractiveShell.clear_instance()


def bars():
    with show.chart(
        "Two rise", alt="Two bars, the second twice as high", y="n"
    ) as axes:
        axes.bar([1, 2], [1, 2])


def test_a_chart_is_one_small_png_with_its_words():
    (output,) = pictures(bars)
    png = output.data["image/png"]
    png = base64.b64decode(png) if isinstance(png, str) else png
    assert Image.open(io.BytesIO(png)).size == (576, 272)
    assert len(png) < 40 * 1024
    assert output.data["text/plain"] == "Two bars, the second twice as high"
    assert output.metadata["image/png"]["alt"] == "Two bars, the second twice as high"


def test_a_chart_is_the_same_each_time():
    assert pictures(bars)[0].data == pictures(bars)[0].data


def test_a_chart_leaves_the_settings_of_matplotlib_alone():
    before = dict(mpl.rcParams)
    pictures(bars)
    assert dict(mpl.rcParams) == before


def test_a_chart_that_fails_shows_nothing_and_says_why():
    def broken():
        with show.chart("None", alt="Nothing") as axes:
            axes.bar([1, 2], [1, 2, 3])

    with pytest.raises(ValueError, match="shape mismatch"):
        pictures(broken)


def test_a_chart_can_have_panels():
    def pair():
        with show.chart("Left and right", alt="Two lines", x="x", panels=2) as axes:
            axes[0].plot([1, 2])
            axes[1].plot([2, 1])

    assert "image/png" in pictures(pair)[0].data


def test_a_chart_needs_its_words():
    with pytest.raises(TypeError, match="alt"), show.chart("Silent"):
        pass


def test_steps_are_one_picture_and_the_same_each_time():
    def chain():
        show.steps(
            "data", "job\ntrain.py", "model", alt="From data by a job to a model"
        )

    first, second = pictures(chain), pictures(chain)
    assert len(first) == 1
    assert first[0].data == second[0].data


def test_a_table_sets_numbers_right_and_counts_the_rest():
    frame = pd.DataFrame({"carrier": ["UA", "AA"], "late": [0.25, 12.5]})
    text = repr(show.table(frame, rows=1))
    assert text.splitlines() == [
        "| carrier |  late |",
        "| ------- | ----: |",
        "| UA      | 0.250 |",
        "",
        "1 more rows",
    ]
    assert show.table(frame, rows=1)._repr_markdown_() == text


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([2013, 1545], ["2013", "1545"]),
        ([336_776, 16], ["336,776", "16"]),
        ([0.1234, 0.5], ["0.123", "0.500"]),
        ([123.456, None], ["123.5", "—"]),
        (["a|b", "c\nd"], ["a\\|b", "c d"]),
        ([True, False], ["True", "False"]),
        (pd.to_datetime(["2013-02-08", "2013-02-09"]), ["2013-02-08", "2013-02-09"]),
        (
            pd.to_datetime(["2013-02-08 06:30", "2013-02-09 00:00"]),
            ["2013-02-08 06:30", "2013-02-09 00:00"],
        ),
    ],
)
def test_a_table_writes_values_as_people_do(values, shown):
    lines = repr(show.table(pd.DataFrame({"x": values}))).splitlines()[2:]
    assert [line[2:-2].strip() for line in lines] == shown


def test_a_table_shows_an_index_that_has_a_name():
    counts = pd.Series([3, 4], index=pd.Index(["EWR", "JFK"], name="origin"), name="n")
    assert repr(show.table(counts)).splitlines()[0] == "| origin |   n |"


def test_a_table_of_no_rows_is_a_head():
    assert len(repr(show.table(pd.DataFrame({"x": []}))).splitlines()) == 2


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "train.py"
    path.write_text('import os\n\n\n@cached\ndef main():\n    """Run."""\n\n\nx = 1\n')
    return path


def test_a_source_is_a_listing_without_its_folder(script):
    listing = show.source(script)
    assert listing._repr_markdown_().startswith(
        "**train.py**\n\n```python\nimport os\n"
    )
    assert repr(listing).startswith("# train.py\nimport os\n")
    assert str(script.parent) not in repr(listing) + listing._repr_markdown_()


def test_a_source_can_be_one_function_with_its_decorators(script):
    text = repr(show.source(script, "main"))
    assert text == '# train.py\n@cached\ndef main():\n    """Run."""'


def test_a_source_without_that_function_says_so(script):
    with pytest.raises(LookupError, match=r"train\.py defines no 'fit'"):
        show.source(script, "fit")


def test_a_listing_survives_fences_in_it(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("```\ncode\n```\n")
    assert show.source(path)._repr_markdown_().count("````") == 2
