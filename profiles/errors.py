"""The errors that a person's input can cause."""


class InputError(ValueError):
    """Input is refused; the message is one line with place, field, limit and value.

    ``run.py`` prints the message and exits with code 2, before anything is written.
    """


class FitError(InputError):
    """A field of a scenario asks for what the profiles do not have.

    ``path`` is the dotted name of the field, by which a loader finds where it was typed. Where
    either of two fields may be at fault, ``other`` puts it to the second.
    """

    def __init__(self, path: str, reason: str, other: "FitError | None" = None) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.other = other
