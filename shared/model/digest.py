"""A short name for a text: the same for the same text, and for no other."""

from hashlib import sha256


def digest(text: str, length: int = 32) -> str:
    """*length* hexadecimal digits of the text's SHA-256. Half of a surrogate pair counts as any other character."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
