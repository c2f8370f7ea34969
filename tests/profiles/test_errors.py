"""What an error carries, and how a value is shown."""

from profiles.errors import FitError, InputError, shown, shown_name


def test_a_field_that_does_not_fit_names_itself_and_the_other_that_may_be_at_fault() -> None:
    other = FitError("run.days", "must be at most 3 (got 5)")
    error = FitError("run.start", "must be earlier", other)
    assert isinstance(error, InputError)
    assert (str(error), error.path) == ("run.start: must be earlier", "run.start")
    assert error.other is other


def test_a_long_value_is_cut_off() -> None:
    assert shown("abc") == "'abc'"
    assert shown("x" * 50) == "'" + "x" * 36 + "..."
    assert len(shown("x" * 10**6, 120)) == 120


def test_a_name_that_cannot_be_read_is_quoted() -> None:
    assert shown_name("load_kwh") == "load_kwh"
    assert shown_name("") == "''"
    assert shown_name("a\nb") == r"'a\nb'"
    assert len(shown_name("x" * 100)) == 40
