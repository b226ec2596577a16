import pytest

from localaws.errors import ValidationError
from localaws.labelling.forms import Field, fields

PAGE = """
<crowd-form>
  <crowd-image-classifier name="sky" header="What is it?"
      categories="[&#34;clear&#34;, &#34;cloud&#34;]">
    <full-instructions>Look up</full-instructions>
  </crowd-image-classifier>
  <crowd-classifier-multi-select name="signs" categories='["a", "b"]'>
  </crowd-classifier-multi-select>
  <crowd-bounding-box name="box" labels='["bird"]'></crowd-bounding-box>
</crowd-form>
"""
NATIVE = """
<form><select name="mood"><option value="glad">Glad<option value="cross">Cross</select>
<input type="radio" name="again" value="yes">
<input type="radio" name="again" value="no">
<crowd-radio-group><crowd-radio-button name="sure">Sure</crowd-radio-button>
</crowd-radio-group><input type="text" name="why"></form>
"""


def test_the_elements_that_take_answers_are_found():
    assert fields(PAGE) == [
        Field(
            "crowd-image-classifier", "sky", ("clear", "cloud"), False, "What is it?"
        ),
        Field("crowd-classifier-multi-select", "signs", ("a", "b"), multiple=True),
        Field("crowd-bounding-box", "box"),
    ]
    assert [one.known for one in fields(PAGE)] == [True, True, False]


def test_native_choices_are_found_too():
    found = {one.name: one for one in fields(NATIVE)}
    assert found["mood"].categories == ("glad", "cross")
    assert found["again"].answer(["no"]) == {"again": "no"}
    assert found["sure"].element == "radio"


def test_an_element_submits_its_own_form():
    one, several, _ = fields(PAGE)
    assert one.answer(["cloud"]) == {"sky": {"label": "cloud"}}
    assert several.answer(["b", "a"]) == {"signs": {"labels": ["b", "a"]}}
    one.check({"sky": {"label": "cloud"}, "note": "other members are free"})
    several.check({"signs": {"labels": []}})


@pytest.mark.parametrize(
    "answer",
    [{}, {"sky": "cloud"}, {"sky": {"label": "snow"}}, {"sky": {"labels": ["cloud"]}}],
)
def test_an_answer_that_does_not_fit_is_refused(answer):
    with pytest.raises(ValidationError, match="clear, cloud"):
        fields(PAGE)[0].check(answer)


def test_a_page_without_any_asks_nothing():
    assert fields("<p>Read this</p><crowd-form></crowd-form>") == []
    assert fields("<crowd-classifier name=x categories=oops>")[0].categories == ()


def test_categories_may_have_either_quotes():
    (one,) = fields("""<crowd-classifier name="x" categories="['a', 'b']">""")
    assert one.categories == ("a", "b")
