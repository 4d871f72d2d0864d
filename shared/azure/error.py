"""Why Azure did not give what was asked of it."""


class AzureError(Exception):
    """A token or a secret could not be had; the text names the step, for people, and holds no secret.

    *lasting*: waiting does not help, as with a missing role; a service may come back.
    """

    def __init__(self, because: str, *, lasting: bool = False) -> None:
        super().__init__(because)
        self.because = because
        self.lasting = lasting
