"""Does the browser that tests share let no error and no request pass?"""

from pathlib import Path

import pytest

from tests.browser import page_of


def test_what_a_page_does_wrong_fails_its_test(tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(
        "<!doctype html><link rel='icon' href='data:,'><title>x</title>"
        "<script>console.warn('odd')</script><img src='http://127.0.0.1:9/x.png'>"
        "<script>nothingOfThisName()</script>"
    )
    with pytest.raises(pytest.fail.Exception) as failed, page_of(path):
        pass
    said = str(failed.value)
    assert "warning: odd" in said
    assert "request: http://127.0.0.1:9/x.png" in said
    assert "nothingOfThisName" in said


def test_a_quiet_page_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "good.html"
    path.write_text("<!doctype html><link rel='icon' href='data:,'><title>Quiet</title>")
    with page_of(path, size=(390, 844), scheme="dark") as page:
        assert page.title() == "Quiet"
        assert page.evaluate("innerWidth") == 390
