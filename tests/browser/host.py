"""How Teams draws a card, as far as it can be said in a host config of the `adaptivecards` package.

Colours and sizes after Microsoft's own for Teams:
https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/design-effective-cards
"""

from typing import Any

LIGHT = {
    "page": "#f5f5f5", "default": "#ffffff", "edge": "#d1d1d1", "ink": "#242424", "subtle": "#616161",
    "emphasis": "#f0f0f0", "good": "#e7f2da", "attention": "#fcf4f6", "warning": "#fbf6d9", "accent": "#e8ebfa",
    "words": {"good": "#237b4b", "attention": "#c4314b", "warning": "#835c00", "accent": "#5b5fc7"},
}  # fmt: skip
DARK = {
    "page": "#1f1f1f", "default": "#292929", "edge": "#3d3d3d", "ink": "#ffffff", "subtle": "#adadad",
    "emphasis": "#1f1f1f", "good": "#1b3a28", "attention": "#3e1f25", "warning": "#40350c", "accent": "#2f2f4a",
    "words": {"good": "#92c353", "attention": "#f9526b", "warning": "#f8d22a", "accent": "#a6a7dc"},
}  # fmt: skip


def host_config(theme: dict[str, Any]) -> dict[str, Any]:
    def colours() -> dict[str, Any]:
        def both(ink: str) -> dict[str, str]:
            return {"default": ink, "subtle": theme["subtle"] if ink == theme["ink"] else ink}

        return {"default": both(theme["ink"])} | {name: both(ink) for name, ink in theme["words"].items()}

    styles = ("default", "emphasis", "good", "attention", "warning", "accent")
    return {
        "fontTypes": {
            "default": {
                "fontFamily": "'Segoe UI', 'DejaVu Sans', sans-serif",
                "fontSizes": {"small": 12, "default": 14, "medium": 14, "large": 18, "extraLarge": 24},
                "fontWeights": {"lighter": 200, "default": 400, "bolder": 600},
            },
            "monospace": {
                "fontFamily": "Consolas, 'DejaVu Sans Mono', monospace",
                "fontSizes": {"small": 12, "default": 13, "medium": 14, "large": 18, "extraLarge": 24},
                "fontWeights": {"lighter": 200, "default": 400, "bolder": 600},
            },
        },
        "spacing": {"small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16},
        "separator": {"lineThickness": 1, "lineColor": theme["edge"]},
        "containerStyles": {
            style: {"backgroundColor": theme[style], "foregroundColors": colours()} for style in styles
        },
        "actions": {"maxActions": 6, "spacing": "default", "buttonSpacing": 8, "actionsOrientation": "horizontal", "actionAlignment": "left"},
        "supportsInteractivity": True,
    }  # fmt: skip
