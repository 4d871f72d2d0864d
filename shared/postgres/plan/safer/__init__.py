"""The way to the same schema that blocks less, or breaks less, than a statement: its expand/contract form."""
