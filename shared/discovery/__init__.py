"""What an application's repository says of its migrations and its database: for settings that `init` proposes.

A repository may be hostile: its files are read as text within bounds, links are not followed, and nothing is executed.
"""
