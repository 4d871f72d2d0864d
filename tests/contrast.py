"""The contrast of two colours, as WCAG 2 measures it: 4.5 is what small text needs (AA)."""

ENOUGH = 4.5


def contrast(one: str, other: str) -> float:
    """Give the ratio of two colours that are written ``#1f2328``."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
