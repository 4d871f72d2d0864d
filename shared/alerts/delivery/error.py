"""Why a channel did not take a message."""


class DeliveryError(Exception):
    """A channel did not take what it was sent; the text is for people and holds no secret.

    *passing* says whether another try may help within minutes; *retry_after* is how many seconds the other side
    asks for. *never* says that it is this message that cannot be taken, whenever it is sent: another one may be.
    """

    def __init__(
        self, text: str, *, passing: bool = False, retry_after: float | None = None, never: bool = False
    ) -> None:
        super().__init__(text)
        self.passing = passing
        self.never = never
        self.retry_after = retry_after
