"""The one error that a person's input can cause."""


class InputError(ValueError):
    """Input is refused; the message is one line with place, field, limit and value.

    ``run.py`` prints the message and exits with code 2, before anything is written.
    """
